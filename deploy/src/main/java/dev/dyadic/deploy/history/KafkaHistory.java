package dev.dyadic.deploy.history;

import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// Reads from Kafka. The decomposer's progress is taken first, the ends of what it wrote afterwards: so the outcome of
/// every
/// document below the former is below the latter.
public final class KafkaHistory implements History, AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration STALL = Duration.ofSeconds(30);

    private final Corpus corpus;
    private final Consumer<byte[], byte[]> consumer;
    private final Map<Integer, Long> decomposedUpTo = new HashMap<>();
    private final Map<TopicPartition, Long> ends;
    private final LongConsumer progress;
    private long recordsRead;

    /// @param progress told the number of records read so far
    public KafkaHistory(Cluster cluster, Corpus corpus, LongConsumer progress) {
        this.corpus = corpus;
        this.progress = progress;
        readProgress(cluster, corpus);
        this.consumer = cluster.consumer(Map.of(
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                4096,
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                8 << 20));
        Map<TopicPartition, Long> found = new HashMap<>();
        try {
            for (String topic : corpus.topicIds().keySet()) {
                List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                        .map(info -> new TopicPartition(topic, info.partition()))
                        .toList();
                found.putAll(consumer.endOffsets(partitions));
            }
        } catch (KafkaException e) {
            consumer.close();
            throw new ClusterException("cannot read end offsets: " + e.getMessage(), e);
        }
        this.ends = Map.copyOf(found);
    }

    @Override
    public Topics topics() {
        return corpus.topics();
    }

    @Override
    public CorpusSettings settings() {
        return corpus.settings();
    }

    @Override
    public long decomposedUpTo(int partition) {
        return decomposedUpTo.getOrDefault(partition, 0L);
    }

    @Override
    public void read(String topic, int partition, Visitor visitor) {
        TopicPartition at = new TopicPartition(topic, partition);
        long end = ends.getOrDefault(at, 0L);
        try {
            consumer.assign(List.of(at));
            consumer.seekToBeginning(List.of(at));
            long deadline = System.nanoTime() + STALL.toNanos();
            long position = consumer.position(at);
            while (position < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (record.offset() < end) {
                        byte[] value = record.value() == null ? new byte[0] : record.value();
                        visitor.visit(record.offset(), record.timestamp(), new Value(value));
                        recordsRead++;
                    }
                }
                progress.accept(recordsRead);
                long before = position;
                position = consumer.position(at);
                if (position > before) {
                    deadline = System.nanoTime() + STALL.toNanos();
                } else if (System.nanoTime() - deadline > 0) {
                    throw new ClusterException("reading " + at + " stands still at offset " + position + " of " + end
                            + ": is a transaction open?");
                }
            }
        } catch (KafkaException e) {
            throw new ClusterException("cannot read " + at + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        consumer.close();
    }

    private void readProgress(Cluster cluster, Corpus corpus) {
        String group = corpus.topics().decomposer();
        try (Admin admin = cluster.admin()) {
            Map<TopicPartition, OffsetAndMetadata> committed = cluster.await(
                    admin.listConsumerGroupOffsets(
                                    Map.of(group, new ListConsumerGroupOffsetsSpec()),
                                    new ListConsumerGroupOffsetsOptions().requireStable(true))
                            .partitionsToOffsetAndMetadata(group),
                    "reading the decomposer's progress");
            committed.forEach((partition, offset) -> {
                if (offset != null && partition.topic().equals(corpus.topics().documents())) {
                    decomposedUpTo.put(partition.partition(), offset.offset());
                }
            });
        }
    }
}
