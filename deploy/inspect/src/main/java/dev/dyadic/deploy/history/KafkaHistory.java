package dev.dyadic.deploy.history;

import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.LedgerHeaders;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.kafka.DecomposerProgress;
import dev.dyadic.proto.kafka.LedgerRecords;
import dev.dyadic.proto.kafka.OpenTransactions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// Reads from Kafka. The decomposer's progress is taken first, the ends of what it wrote afterwards: so the outcome of
/// every document below the former is below the latter.
public final class KafkaHistory implements History, AutoCloseable {
    /// Short: a poll that only steps over a transaction's marker returns nothing, and waits as long as it may.
    private static final Duration POLL = Duration.ofMillis(10);
    private static final Duration STALL = Duration.ofSeconds(30);

    private final Corpus corpus;
    private final Consumer<byte[], byte[]> consumer;
    private final DecomposerProgress decomposed;
    private final Map<TopicPartition, Long> beginnings;
    private final Map<TopicPartition, Long> ends;
    private final Progress progress;
    private final long total;
    private long done;

    /// Told how much has been read.
    @FunctionalInterface
    public interface Progress {
        Progress NONE = (done, total) -> {};

        /// @param done offsets passed, over all partitions
        void update(long done, long total);
    }

    public KafkaHistory(Cluster cluster, Corpus corpus, Progress progress) {
        this.corpus = corpus;
        this.progress = progress;
        this.consumer = cluster.consumer(Map.of(
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                4096,
                // A fetch that waits at the end of one partition holds up the first fetch of the next.
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                10,
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                8 << 20));
        try (Admin admin = cluster.admin()) {
            List<TopicPartition> ledger = partitionsOf(corpus.topics().ledger());
            List<TopicPartition> others = corpus.topicIds().keySet().stream()
                    .filter(topic -> !topic.equals(corpus.topics().ledger()))
                    .flatMap(topic -> partitionsOf(topic).stream())
                    .toList();
            Map<TopicPartition, Long> found = new HashMap<>(consumer.endOffsets(ledger));
            this.decomposed = DecomposerProgress.read(
                    cluster, admin, corpus.topics(), corpus.settings().partitions());
            OpenTransactions.awaitEnd(cluster, admin, others);
            found.putAll(consumer.endOffsets(others));
            this.ends = Map.copyOf(found);
            this.beginnings = Map.copyOf(consumer.beginningOffsets(ends.keySet()));
        } catch (KafkaException e) {
            consumer.close();
            throw new ClusterException("cannot read end offsets: " + e.getMessage(), e);
        } catch (ClusterException e) {
            consumer.close();
            throw e;
        }
        // All at once, and all but one at rest: a consumer that is given another topic waits for its metadata.
        consumer.assign(ends.keySet());
        beginnings.forEach(consumer::seek);
        consumer.pause(ends.keySet());
        this.total = ends.values().stream().mapToLong(Long::longValue).sum();
    }

    private List<TopicPartition> partitionsOf(String topic) {
        return consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
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
        return decomposed.offset(partition);
    }

    @Override
    public void read(String topic, int partition, Visitor visitor) {
        TopicPartition at = new TopicPartition(topic, partition);
        long end = ends.getOrDefault(at, 0L);
        try {
            consumer.seek(at, beginnings.getOrDefault(at, 0L));
            consumer.resume(List.of(at));
            long deadline = System.nanoTime() + STALL.toNanos();
            long position = consumer.position(at);
            while (position < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (record.offset() < end) {
                        byte[] value = record.value() == null ? new byte[0] : record.value();
                        visitor.visit(record.offset(), record.timestamp(), new Value(value, headers(record)));
                    }
                }
                long before = position;
                position = consumer.position(at);
                done += position - before;
                progress.update(done, total);
                if (position > before) {
                    deadline = System.nanoTime() + STALL.toNanos();
                } else if (System.nanoTime() - deadline > 0) {
                    throw new ClusterException("reading " + at + " stands still at offset " + position + " of " + end
                            + ": is a transaction open?");
                }
            }
            consumer.pause(List.of(at));
        } catch (KafkaException e) {
            throw new ClusterException("cannot read " + at + ": " + e.getMessage(), e);
        }
    }

    private LedgerHeaders headers(ConsumerRecord<byte[], byte[]> record) {
        return record.topic().equals(corpus.topics().ledger())
                ? LedgerRecords.headers(record.headers())
                : LedgerHeaders.NONE;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
