package dev.dyadic.sampler.gather;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.ledger.Signal;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// Reads single records of the length topics by offset. There is one reader at a time, and the consumer is made at the
/// first use.
public final class LengthTopics implements LengthRecords, AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long TIMEOUT_MILLIS = 10_000;
    private static final int MAX_POLL_RECORDS = 4096;
    /// A fetch that waits at the end of a log would hold up the next one.
    private static final int FETCH_WAIT_MILLIS = 10;
    private static final int PARTITION_FETCH_BYTES = 1 << 20;
    /// A gap of more offsets than this is jumped over, and not read through.
    private static final long JUMP_OFFSETS = 2_000;

    private final Cluster cluster;
    private final Corpus corpus;
    private final ReentrantLock lock = new ReentrantLock();
    private Optional<Consumer<byte[], byte[]>> consumer = Optional.empty();

    public LengthTopics(Cluster cluster, Corpus corpus) {
        this.cluster = cluster;
        this.corpus = corpus;
    }

    @Override
    public String name(Bucket bucket) {
        return corpus.topics().sequences(bucket);
    }

    @Override
    public Map<Long, byte[]> read(Bucket bucket, int partition, List<Long> offsets) {
        Map<Long, byte[]> found = new HashMap<>();
        lock.lock();
        try {
            read(new TopicPartition(name(bucket), partition), offsets, found);
        } catch (KafkaException e) {
            throw new DyadicException(
                    DyadicException.Kind.NOT_READY, "cannot read " + name(bucket) + ": " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
        return found;
    }

    private void read(TopicPartition partition, List<Long> offsets, Map<Long, byte[]> found) {
        Consumer<byte[], byte[]> reader = consumer();
        reader.assign(List.of(partition));
        long deadline = Signal.deadlineIn(TIMEOUT_MILLIS);
        long end = reader.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        long beginning = reader.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
        Iterator<Long> wanted =
                offsets.stream().filter(offset -> offset >= beginning).iterator();
        long next = next(wanted);
        if (next >= end) {
            return;
        }
        reader.seek(partition, next);
        while (next < end) {
            if (System.nanoTime() - deadline > 0) {
                throw new DyadicException(
                        DyadicException.Kind.NOT_READY,
                        "Kafka did not give " + offsets.size() + " records of " + partition + " within "
                                + TIMEOUT_MILLIS + " ms: try again");
            }
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
                while (next < record.offset()) {
                    next = next(wanted);
                }
                if (next == record.offset()) {
                    found.put(next, record.value());
                    next = next(wanted);
                }
            }
            long position = reader.position(partition);
            while (next < position) {
                next = next(wanted);
            }
            if (next < end && next - position > JUMP_OFFSETS) {
                reader.seek(partition, next);
            }
        }
    }

    /// After the last one: past everything that Kafka has, also what it gets while this reads.
    private static long next(Iterator<Long> wanted) {
        return wanted.hasNext() ? wanted.next() : Long.MAX_VALUE;
    }

    @Override
    public long beginning(Bucket bucket, int partition) {
        TopicPartition at = new TopicPartition(name(bucket), partition);
        lock.lock();
        try {
            return consumer().beginningOffsets(List.of(at)).getOrDefault(at, 0L);
        } catch (KafkaException e) {
            throw new DyadicException(
                    DyadicException.Kind.NOT_READY, "cannot ask Kafka about " + at + ": " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            consumer.ifPresent(Consumer::close);
        } finally {
            lock.unlock();
        }
    }

    private Consumer<byte[], byte[]> consumer() {
        Consumer<byte[], byte[]> made = consumer.orElseGet(() -> cluster.consumer(Map.of(
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                MAX_POLL_RECORDS,
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                FETCH_WAIT_MILLIS,
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                PARTITION_FETCH_BYTES)));
        consumer = Optional.of(made);
        return made;
    }
}
