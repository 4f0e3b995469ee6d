package dev.dyadic.sampler.replicate;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.avro.Sequence;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.ledger.Signal;
import dev.dyadic.sampler.segments.DiskBudget;
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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
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
    private volatile @Nullable String failure;

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

    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    private void run() {
        try {
            seek();
            long checkpointAt = System.nanoTime() + CHECKPOINT_EVERY_NANOS;
            while (!stopped) {
                append(consumer.poll(POLL));
                if (disk.isSpent() && consumer.paused().isEmpty()) {
                    LOG.error(
                            "the disk's bound is reached, replication pauses, bytes={} limit={}",
                            disk.usedBytes(),
                            disk.limitBytes());
                    consumer.pause(targets.keySet());
                }
                if (System.nanoTime() - checkpointAt > 0) {
                    checkpoint();
                    checkpointAt = System.nanoTime() + CHECKPOINT_EVERY_NANOS;
                }
            }
            checkpoint();
        } catch (WakeupException e) {
            checkpoint();
        } catch (RuntimeException e) {
            failure = "replication stopped: " + e.getMessage();
            LOG.error("replication stopped", e);
            signal.raise();
        }
    }

    private void seek() {
        consumer.assign(targets.keySet());
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(targets.keySet());
        Map<TopicPartition, Long> ends = consumer.endOffsets(targets.keySet());
        firstEnds.putAll(ends);
        targets.forEach((partition, target) -> {
            long next = target.store().nextOffset();
            long beginning = beginnings.getOrDefault(partition, 0L);
            if (next > ends.getOrDefault(partition, 0L)) {
                throw new StorageException(
                        "this disk has rows of " + partition + " up to offset " + next + ", but Kafka ends at "
                                + ends.get(partition)
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

    private void append(ConsumerRecords<byte[], byte[]> records) {
        for (TopicPartition partition : records.partitions()) {
            Target target = targets.get(partition);
            if (target == null) {
                throw new IllegalStateException("records of " + partition + ", which was not asked for");
            }
            append(target, records.records(partition));
        }
        boolean grown = false;
        long lag = 0;
        for (Target target : targets.values()) {
            long position = consumer.position(target.partition());
            if (position != target.store().nextOffset()) {
                target.store().flush(position);
                grown = true;
            }
            lag += consumer.currentLag(target.partition()).orElse(0L);
        }
        lagRecords = lag;
        if (!caughtUp) {
            caughtUp = targets.values().stream().allMatch(this::isAtFirstEnd);
        }
        if (grown) {
            long now = clock.millis();
            signal.raise();
            // The record's time is that of its document: Streams hands it on.
            records.forEach(record -> freshness.record(record.timestamp(), now));
        }
    }

    private boolean isAtFirstEnd(Target target) {
        return target.store().nextOffset() >= firstEnds.getOrDefault(target.partition(), 0L);
    }

    private void append(Target target, List<ConsumerRecord<byte[], byte[]>> records) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (disk.isSpent()) {
                consumer.seek(target.partition(), record.offset());
                return;
            }
            append(target, record);
        }
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

    private void checkpoint() {
        targets.values().forEach(target -> target.store().checkpoint());
    }
}
