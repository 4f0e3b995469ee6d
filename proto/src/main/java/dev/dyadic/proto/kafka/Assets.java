package dev.dyadic.proto.kafka;

import dev.dyadic.proto.Asset;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Topics;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// The files of a corpus, on its assets topic: each compressed with gzip and cut into pieces, one record a piece, all
/// of them in one transaction. The key is `SHA256/INDEX/COUNT`, SHA-256 of the file in hexadecimal, index and number
/// of pieces in decimal.
public final class Assets {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int KEY_PARTS = 3;

    private Assets() {}

    /// Writes a file. What is there already stays, and does no harm.
    static void write(Cluster cluster, Topics topics, Asset asset) {
        byte[] compressed = compress(asset.bytes());
        int pieces = Math.max(1, Math.ceilDiv(compressed.length, Limits.MAX_ASSET_PIECE_BYTES));
        Map<String, Object> settings = Map.of(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                topics.assets() + "." + asset.sha256(),
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                Cluster.ADMIN_TIMEOUT.toMillis());
        try (Producer<byte[], byte[]> producer = cluster.producer(settings)) {
            producer.initTransactions();
            producer.beginTransaction();
            for (int piece = 0; piece < pieces; piece++) {
                String key = asset.sha256() + "/" + piece + "/" + pieces;
                int from = piece * Limits.MAX_ASSET_PIECE_BYTES;
                byte[] value = Arrays.copyOfRange(
                        compressed, from, Math.min(compressed.length, from + Limits.MAX_ASSET_PIECE_BYTES));
                // The commit fails where one of these does.
                Future<RecordMetadata> _ = producer.send(
                        new ProducerRecord<>(topics.assets(), 0, key.getBytes(StandardCharsets.US_ASCII), value));
            }
            producer.commitTransaction();
        } catch (KafkaException e) {
            throw new ClusterException("cannot write to " + topics.assets() + ": " + e.getMessage(), e);
        }
    }

    /// Reads a file.
    ///
    /// @throws ClusterException where it is not there, or is not what its SHA-256 says
    public static Asset read(Cluster cluster, Topics topics, String sha256) {
        byte[] compressed = join(topics, sha256, pieces(cluster, topics, sha256));
        try {
            Asset asset = Asset.of(decompress(compressed));
            if (asset.sha256().equals(sha256)) {
                return asset;
            }
            throw damaged(topics, sha256, "its SHA-256 is " + asset.sha256());
        } catch (IOException | InvalidException e) {
            throw damaged(topics, sha256, String.valueOf(e.getMessage()));
        }
    }

    private static Map<Integer, ConsumerRecord<byte[], byte[]>> pieces(Cluster cluster, Topics topics, String sha256) {
        Map<Integer, ConsumerRecord<byte[], byte[]>> pieces = new HashMap<>();
        TopicPartition partition = new TopicPartition(topics.assets(), 0);
        try (Consumer<byte[], byte[]> consumer = cluster.consumer(Map.of())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    String[] key = keyOf(record);
                    if (key.length == KEY_PARTS && key[0].equals(sha256) && record.value() != null) {
                        pieces.putIfAbsent(Integer.parseInt(key[1]), record);
                    }
                }
            }
        } catch (KafkaException e) {
            throw new ClusterException("cannot read " + topics.assets() + ": " + e.getMessage(), e);
        }
        return pieces;
    }

    private static byte[] join(Topics topics, String sha256, Map<Integer, ConsumerRecord<byte[], byte[]>> pieces) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        int count = 1;
        for (int piece = 0; piece < count; piece++) {
            ConsumerRecord<byte[], byte[]> record = pieces.get(piece);
            if (record == null) {
                throw damaged(topics, sha256, "piece " + piece + " is missing");
            }
            count = Integer.parseInt(keyOf(record)[2]);
            joined.writeBytes(record.value());
        }
        return joined.toByteArray();
    }

    private static String[] keyOf(ConsumerRecord<byte[], byte[]> record) {
        return record.key() == null
                ? new String[0]
                : new String(record.key(), StandardCharsets.US_ASCII).split("/", -1);
    }

    private static ClusterException damaged(Topics topics, String sha256, String problem) {
        return new ClusterException("topic " + topics.assets() + " does not have the file with SHA-256 " + sha256
                + " whole: " + problem + ". Restore the topic, or make another --corpus.");
    }

    private static byte[] compress(byte[] bytes) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return compressed.toByteArray();
    }

    private static byte[] decompress(byte[] compressed) throws IOException {
        try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
            return gzip.readNBytes(Limits.MAX_ASSET_BYTES + 1);
        }
    }
}
