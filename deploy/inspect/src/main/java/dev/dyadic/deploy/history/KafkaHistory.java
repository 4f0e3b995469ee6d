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
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Reads from Kafka. The decomposer's progress is taken first, the ends of what it wrote afterwards: so the outcome of
/// every document below the former is below the latter.
public final class KafkaHistory implements History, AutoCloseable {
    /// Short: a poll that only steps over a transaction's marker returns nothing, and waits as long as it may.
    private static final Duration POLL = Duration.ofMillis(10);
    /// Of each partition that is read at the same time.
    private static final int FETCH_BYTES = 2 << 20;
    /// How far the last record before an offset is looked for at first, and how much farther then.
    private static final long NEAR_OFFSETS = 64;

    private static final long FARTHER = 16;
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
                FETCH_BYTES));
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
    public Beginning beginning(String topic, int partition) {
        return new Beginning(beginnings.getOrDefault(new TopicPartition(topic, partition), 0L), null);
    }

    @Override
    public Cursor open(String topic, int partition) {
        TopicPartition at = new TopicPartition(topic, partition);
        return new Reading(at, beginnings.getOrDefault(at, 0L), ends.getOrDefault(at, 0L));
    }

    @Override
    public Cursor openAt(String topic, int partition, long offset) {
        TopicPartition at = new TopicPartition(topic, partition);
        return new Reading(at, Math.max(offset, beginnings.getOrDefault(at, 0L)), ends.getOrDefault(at, 0L));
    }

    @Override
    public @Nullable Value lastBefore(String topic, int partition, long offset) {
        TopicPartition at = new TopicPartition(topic, partition);
        long beginning = beginnings.getOrDefault(at, 0L);
        for (long back = NEAR_OFFSETS; ; back *= FARTHER) {
            long from = Math.max(beginning, offset - back);
            Cursor cursor = new Reading(at, from, Math.min(offset, ends.getOrDefault(at, 0L)));
            Value last = null;
            for (Entry entry = cursor.next(); entry != null; entry = cursor.next()) {
                last = entry.value();
            }
            if (last != null || from == beginning) {
                return last;
            }
        }
    }

    /// The records of one partition. All share the consumer: only the partition whose records have run out is asked.
    private final class Reading implements Cursor {
        private final TopicPartition at;
        private final long end;
        private final Deque<ConsumerRecord<byte[], byte[]>> records = new ArrayDeque<>();
        private long position;

        Reading(TopicPartition at, long from, long end) {
            this.at = at;
            this.end = end;
            this.position = from;
            consumer.seek(at, from);
        }

        @Override
        public @Nullable Entry next() {
            if (records.isEmpty()) {
                read();
            }
            ConsumerRecord<byte[], byte[]> record = records.poll();
            if (record == null) {
                return null;
            }
            byte[] value = record.value() == null ? new byte[0] : record.value();
            return new Entry(record.offset(), record.timestamp(), new Value(value, headers(record)));
        }

        private void read() {
            if (position >= end) {
                return;
            }
            try {
                consumer.resume(List.of(at));
                long deadline = System.nanoTime() + STALL.toNanos();
                while (position < end && records.isEmpty()) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                        if (record.offset() < end) {
                            records.add(record);
                        }
                    }
                    long before = position;
                    position = consumer.position(at);
                    done += position - before;
                    progress.update(done, total);
                    if (position > before) {
                        deadline = System.nanoTime() + STALL.toNanos();
                    } else if (System.nanoTime() - deadline > 0) {
                        throw new ClusterException("reading " + at + " stands still at offset " + position + " of "
                                + end + ": is a transaction open?");
                    }
                }
                consumer.pause(List.of(at));
            } catch (KafkaException e) {
                throw new ClusterException("cannot read " + at + ": " + e.getMessage(), e);
            }
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
