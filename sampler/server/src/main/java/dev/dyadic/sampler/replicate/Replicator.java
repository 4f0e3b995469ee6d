package dev.dyadic.sampler.replicate;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.Uptime;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.ledger.Signal;
import dev.dyadic.sampler.segments.SegmentStore;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/// Reads committed sequences and appends them to segments: a fixed number of threads, each with its own consumer and
/// its own partitions.
public final class Replicator implements AutoCloseable {
    /// The settings of each thread's consumer.
    public static final Map<String, Object> CONSUMER_SETTINGS = Map.of(
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 4096,
            ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 << 20,
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 2 << 20);

    private final List<ReplicatorThread> threads;
    private final FreshnessMeter freshness;

    private Replicator(List<ReplicatorThread> threads, FreshnessMeter freshness) {
        this.threads = threads;
        this.freshness = freshness;
    }

    /// @param signal raised whenever rows became readable
    /// @param registry that the consumers' metrics are kept in
    public static Replicator start(
            Cluster cluster,
            Corpus corpus,
            SegmentStore store,
            int threadCount,
            Signal signal,
            InstantSource clock,
            MeterRegistry registry) {
        FreshnessMeter freshness = new FreshnessMeter(Uptime.millis());
        List<List<ReplicatorThread.Target>> targets = new ArrayList<>();
        int count = 0;
        for (Bucket bucket : store.buckets()) {
            for (int partition = 0; partition < store.partitions(); partition++) {
                if (targets.size() < threadCount) {
                    targets.add(new ArrayList<>());
                }
                targets.get(count++ % threadCount).add(ReplicatorThread.Target.of(corpus, store, bucket, partition));
            }
        }
        List<ReplicatorThread> threads = targets.stream()
                .map(part -> new ReplicatorThread(cluster, part, store.disk(), signal, freshness, clock, registry))
                .toList();
        threads.forEach(ReplicatorThread::start);
        return new Replicator(threads, freshness);
    }

    /// Only rows count that came after the start: what was read from an old log says nothing about freshness.
    public FreshnessMeter.Snapshot freshness() {
        return freshness.snapshot(Uptime.millis());
    }

    /// Records that Kafka has and this replica has not, as the consumers last heard.
    public long lagRecords() {
        return threads.stream().mapToLong(ReplicatorThread::lagRecords).sum();
    }

    /// What is still missing of what Kafka had when this replica started; empty once it is here.
    public Optional<String> catchingUp() {
        return threads.stream().allMatch(ReplicatorThread::hasCaughtUp)
                ? Optional.empty()
                : Optional.of("this replica is still reading what Kafka had when it started, and lags by "
                        + lagRecords() + " records");
    }

    /// Why replication has stopped, where it has.
    public Optional<String> failure() {
        return cause().map(DyadicException::getMessage);
    }

    /// Throws where replication has stopped.
    public void requireAlive() {
        cause().ifPresent(cause -> {
            throw new DyadicException(cause.kind(), String.valueOf(cause.getMessage()), cause);
        });
    }

    private Optional<DyadicException> cause() {
        return threads.stream()
                .map(ReplicatorThread::failure)
                .flatMap(Optional::stream)
                .findFirst();
    }

    @Override
    public void close() {
        threads.forEach(ReplicatorThread::stop);
        threads.forEach(ReplicatorThread::close);
    }
}
