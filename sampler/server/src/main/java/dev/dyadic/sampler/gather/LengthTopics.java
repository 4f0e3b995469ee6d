package dev.dyadic.sampler.gather;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.ledger.Signal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads single records of the length topics by offset, for several callers at once. Consumers are made when they are
/// needed, and a few are kept.
public final class LengthTopics implements LengthRecords, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LengthTopics.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long TIMEOUT_MILLIS = 10_000;
    private static final int MAX_POLL_RECORDS = 4096;
    /// A fetch that waits at the end of a log would hold up the next one.
    private static final int FETCH_WAIT_MILLIS = 10;
    private static final int PARTITION_FETCH_BYTES = 1 << 20;
    /// A gap of more offsets than this is jumped over, and not read through.
    private static final long JUMP_OFFSETS = 2_000;

    private static final int MAX_READERS = 16;
    private static final int MAX_IDLE_READERS = 4;

    private final Cluster cluster;
    private final Corpus corpus;
    private final Semaphore readers = new Semaphore(MAX_READERS, true);
    private final Deque<Consumer<byte[], byte[]>> idle = new ArrayDeque<>();
    private boolean closed;

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
        TopicPartition at = new TopicPartition(name(bucket), partition);
        return with(at, reader -> read(reader, at, offsets));
    }

    @Override
    public long beginning(Bucket bucket, int partition) {
        TopicPartition at = new TopicPartition(name(bucket), partition);
        return with(at, reader -> reader.beginningOffsets(List.of(at)).getOrDefault(at, 0L));
    }

    /// Lends a consumer. One that failed is not used again.
    private <T> T with(TopicPartition at, Function<Consumer<byte[], byte[]>, T> use) {
        try {
            if (!readers.tryAcquire(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new DyadicException(
                        DyadicException.Kind.NOT_READY,
                        MAX_READERS + " calls read records from Kafka already: try again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DyadicException(DyadicException.Kind.NOT_READY, "interrupted while waiting to read " + at, e);
        }
        try {
            return with(use);
        } catch (KafkaException e) {
            throw new DyadicException(
                    DyadicException.Kind.NOT_READY, "cannot read " + at + " from Kafka: " + e.getMessage(), e);
        } finally {
            readers.release();
        }
    }

    private <T> T with(Function<Consumer<byte[], byte[]>, T> use) {
        Consumer<byte[], byte[]> reader = take();
        boolean isGood = false;
        try {
            T result = use.apply(reader);
            isGood = true;
            return result;
        } finally {
            giveBack(reader, isGood);
        }
    }

    private Consumer<byte[], byte[]> take() {
        synchronized (idle) {
            if (!idle.isEmpty()) {
                return idle.pop();
            }
        }
        return cluster.consumer(Map.of(
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                MAX_POLL_RECORDS,
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                FETCH_WAIT_MILLIS,
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                PARTITION_FETCH_BYTES));
    }

    private void giveBack(Consumer<byte[], byte[]> reader, boolean isGood) {
        synchronized (idle) {
            if (isGood && !closed && idle.size() < MAX_IDLE_READERS) {
                idle.push(reader);
                return;
            }
        }
        close(reader);
    }

    /// Also on a thread that was interrupted: it stays so.
    private static void close(Consumer<byte[], byte[]> reader) {
        boolean wasInterrupted = Thread.interrupted();
        try {
            reader.close(CloseOptions.timeout(Duration.ZERO));
        } catch (KafkaException e) {
            LOG.debug("closing a consumer failed", e);
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        synchronized (idle) {
            closed = true;
            idle.forEach(LengthTopics::close);
            idle.clear();
        }
    }

    private static Map<Long, byte[]> read(
            Consumer<byte[], byte[]> reader, TopicPartition partition, List<Long> offsets) {
        Map<Long, byte[]> found = new HashMap<>();
        reader.assign(List.of(partition));
        long deadline = Signal.deadlineIn(TIMEOUT_MILLIS);
        long end = reader.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        long beginning = reader.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
        Iterator<Long> wanted =
                offsets.stream().filter(offset -> offset >= beginning).iterator();
        long next = next(wanted);
        if (next >= end) {
            return found;
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
        return found;
    }

    /// After the last one: past everything that Kafka has, also what it gets while this reads.
    private static long next(Iterator<Long> wanted) {
        return wanted.hasNext() ? wanted.next() : Long.MAX_VALUE;
    }
}
