package dev.dyadic.sampler.replicate;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.Uptime;
import dev.dyadic.proto.avro.Sequence;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.ledger.Signal;
import dev.dyadic.sampler.segments.DiskBudget;
import dev.dyadic.sampler.segments.DiskException;
import dev.dyadic.sampler.segments.PartitionStore;
import dev.dyadic.sampler.segments.SegmentStore;
import dev.dyadic.sampler.segments.StorageException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One consumer and the partitions that it feeds. The thread owns the consumer and is the only writer of its
/// partitions.
final class ReplicatorThread {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicatorThread.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long CHECKPOINT_EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);

    /// A partition of a length topic, and where its rows go.
    record Target(TopicPartition partition, Bucket bucket, PartitionStore store) {
        static Target of(Corpus corpus, SegmentStore store, Bucket bucket, int partition) {
            return new Target(
                    new TopicPartition(corpus.topics().sequences(bucket), partition),
                    bucket,
                    store.partition(bucket, partition));
        }
    }

    private final Consumer<byte[], byte[]> consumer;
    private final KafkaClientMetrics metrics;
    private final Map<TopicPartition, Target> targets = new HashMap<>();
    /// Where the partitions ended at the start.
    private final Map<TopicPartition, Long> firstEnds = new HashMap<>();
    private final DiskBudget disk;
    private final Signal signal;
    private final FreshnessMeter freshness;
    private final InstantSource clock;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile long lagRecords;
    private volatile boolean caughtUp;
    private volatile @Nullable DyadicException failure;

    ReplicatorThread(
            Cluster cluster,
            List<Target> targets,
            DiskBudget disk,
            Signal signal,
            FreshnessMeter freshness,
            InstantSource clock,
            MeterRegistry registry) {
        this.disk = disk;
        targets.forEach(target -> this.targets.put(target.partition(), target));
        this.consumer = cluster.consumer(Replicator.CONSUMER_SETTINGS);
        this.metrics = new KafkaClientMetrics(consumer);
        metrics.bindTo(registry);
        this.signal = signal;
        this.freshness = freshness;
        this.clock = clock;
        this.thread = Thread.ofPlatform().name("dyadic-replicator").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void stop() {
        stopped = true;
        consumer.wakeup();
    }

    void close() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        metrics.close();
        consumer.close();
    }

    /// Whether all is here that Kafka had at the start.
    boolean hasCaughtUp() {
        return caughtUp;
    }

    long lagRecords() {
        return lagRecords;
    }

    Optional<DyadicException> failure() {
        return Optional.ofNullable(failure);
    }

    private void run() {
        try {
            consumer.assign(targets.keySet());
            seekPatiently(targets.keySet());
            long checkpointAt = System.nanoTime() + CHECKPOINT_EVERY_NANOS;
            while (!stopped) {
                round();
                if (System.nanoTime() - checkpointAt > 0) {
                    checkpoint();
                    checkpointAt = System.nanoTime() + CHECKPOINT_EVERY_NANOS;
                }
            }
            checkpoint();
        } catch (WakeupException e) {
            checkpoint();
        } catch (DyadicException e) {
            fail(e);
        } catch (Throwable e) {
            fail(new DyadicException(DyadicException.Kind.OUTSIDE, "replication stopped: " + e.getMessage(), e));
        }
    }

    private void fail(DyadicException reason) {
        LOG.error("replication stopped", reason);
        failure = reason;
        signal.raise();
    }

    /// Reads some records and makes their rows readable. Where the disk takes none, everything that was read is either
    /// kept in memory or read once more, and nothing more is asked for until it does.
    private void round() {
        ConsumerRecords<byte[], byte[]> records = poll();
        try {
            append(records);
            if (disk.isSpent()) {
                pause("the bound on the disk is reached");
            } else if (!consumer.paused().isEmpty()) {
                targets.values().iterator().next().store().probe();
                targets.values().forEach(target -> target.store().checkpoint());
                LOG.info("the disk takes rows again, replication goes on");
                disk.accepted();
                consumer.resume(consumer.paused());
            }
        } catch (DiskException e) {
            disk.refused(String.valueOf(e.getMessage()));
            pause(String.valueOf(e.getMessage()));
        }
    }

    private ConsumerRecords<byte[], byte[]> poll() {
        try {
            return consumer.poll(POLL);
        } catch (LogTruncationException e) {
            throw new StorageException(
                    "Kafka has other records than this disk: " + e.getMessage()
                            + ". Delete the sampler's data directory.",
                    e);
        } catch (InvalidOffsetException e) {
            // Kafka does not have what comes next: either nothing was read of it yet, or it is said where it is gone.
            seekPatiently(e.partitions());
            return ConsumerRecords.empty();
        }
    }

    private void pause(String reason) {
        if (consumer.paused().isEmpty()) {
            LOG.error("replication pauses, reason={} bytes={} limit={}", reason, disk.usedBytes(), disk.limitBytes());
            consumer.pause(targets.keySet());
        }
    }

    /// However long Kafka, or one of its brokers, does not answer.
    private void seekPatiently(Set<TopicPartition> partitions) {
        boolean isDone = false;
        while (!isDone && !stopped) {
            try {
                seek(partitions);
                isDone = true;
            } catch (RetriableException e) {
                LOG.warn("cannot ask Kafka where to read on, and ask again, reason={}", e.getMessage());
            }
        }
    }

    private void seek(Set<TopicPartition> partitions) {
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        ends.forEach(firstEnds::putIfAbsent);
        partitions.forEach(partition -> {
            Target target = Objects.requireNonNull(targets.get(partition));
            long next = target.store().nextOffset();
            long beginning = beginnings.getOrDefault(partition, 0L);
            requireWithin(partition, next, beginning, ends.getOrDefault(partition, 0L));
            if (beginning > next) {
                LOG.warn(
                        "rows are gone from Kafka that this replica never read, topic={} partition={} from={} to={}",
                        partition.topic(),
                        partition.partition(),
                        next,
                        beginning);
                target.store().beginAt(beginning);
            }
            consumer.seek(partition, Math.max(next, beginning));
        });
    }

    /// What Kafka has goes on where this disk ends.
    private static void requireWithin(TopicPartition partition, long next, long beginning, long end) {
        if (next > end) {
            throw new StorageException(
                    "this disk has rows of " + partition + " up to offset " + next + ", but Kafka ends at " + end
                            + ": Kafka has lost records. Delete the sampler's data directory.",
                    null);
        }
        if (beginning > next && next > 0) {
            throw new StorageException(
                    "this disk has rows of " + partition + " up to offset " + next + ", but Kafka begins at "
                            + beginning + ": the rows between are gone. This disk may be the last that has the"
                            + " rows before them; keep a copy, then delete the sampler's data directory.",
                    null);
        }
    }

    /// @throws DiskException after everything was put where the next round goes on from
    private void append(ConsumerRecords<byte[], byte[]> records) {
        Optional<DiskException> refusal = Optional.empty();
        for (TopicPartition partition : records.partitions()) {
            Target target = targets.get(partition);
            if (target == null) {
                throw new IllegalStateException("records of " + partition + ", which was not asked for");
            }
            Optional<DiskException> here = append(target, records.records(partition));
            refusal = refusal.or(() -> here);
        }
        boolean grown = false;
        long lag = 0;
        for (Target target : targets.values()) {
            long position = consumer.position(target.partition());
            if (position != target.store().nextOffset()) {
                try {
                    target.store().flush(position);
                    grown = true;
                } catch (DiskException e) {
                    refusal = Optional.of(e);
                }
            }
            lag += consumer.currentLag(target.partition()).orElse(0L);
        }
        lagRecords = lag;
        if (!caughtUp) {
            caughtUp = targets.values().stream().allMatch(this::isAtFirstEnd);
        }
        if (grown) {
            signal.raise();
            measure(records);
        }
        if (refusal.isPresent()) {
            throw refusal.get();
        }
    }

    /// A record's time is that of its document: Streams hands it on.
    private void measure(ConsumerRecords<byte[], byte[]> records) {
        long wall = clock.millis();
        long uptime = Uptime.millis();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            if (record.offset() >= firstEnds.getOrDefault(partition, 0L)) {
                freshness.record(record.timestamp(), wall, uptime);
            }
        }
    }

    private boolean isAtFirstEnd(Target target) {
        return target.store().nextOffset() >= firstEnds.getOrDefault(target.partition(), 0L);
    }

    /// @return why a row could not be taken: reading goes on from it
    private Optional<DiskException> append(Target target, List<ConsumerRecord<byte[], byte[]>> records) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (disk.isSpent()) {
                consumer.seek(target.partition(), record.offset());
                return Optional.empty();
            }
            try {
                append(target, record);
            } catch (DiskException e) {
                consumer.seek(target.partition(), record.offset());
                return Optional.of(e);
            }
        }
        return Optional.empty();
    }

    /// A record that is no sequence is skipped, here as on every replica; `audit` names it.
    private static void append(Target target, ConsumerRecord<byte[], byte[]> record) {
        try {
            if (record.value() == null) {
                throw new UnreadableRecordException("expected a sequence, but the record has no value");
            }
            Sequence sequence = Codecs.SEQUENCE.decode(record.value());
            if (sequence.getLog2() != target.bucket().log2()) {
                throw new UnreadableRecordException(
                        "expected log2 " + target.bucket().log2() + ", but it is " + sequence.getLog2());
            }
            target.store().append(record.offset(), sequence);
        } catch (UnreadableRecordException | InvalidException | IllegalArgumentException e) {
            LOG.warn(
                    "record skipped, topic={} partition={} offset={} reason={}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    e.getMessage());
        }
    }

    /// One that cannot be written leaves the one before it, from which a restart goes on.
    private void checkpoint() {
        try {
            targets.values().forEach(target -> target.store().checkpoint());
        } catch (DiskException e) {
            disk.refused(String.valueOf(e.getMessage()));
            pause(String.valueOf(e.getMessage()));
        }
    }
}
