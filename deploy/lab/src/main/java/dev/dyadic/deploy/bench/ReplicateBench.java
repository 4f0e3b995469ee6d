package dev.dyadic.deploy.bench;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.ledger.Signal;
import dev.dyadic.sampler.replicate.Replicator;
import dev.dyadic.sampler.segments.SegmentStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/// From Kafka into segments, next to a bare consumer that reads the same topics and drops what it gets.
public final class ReplicateBench {
    private static final long TIMEOUT_NANOS = TimeUnit.MINUTES.toNanos(5);

    private ReplicateBench() {}

    public static List<Figure> run(Optional<Path> file, int copies, int rounds) {
        try (BenchStack bench = BenchStack.start();
                SamplerClient client = bench.client()) {
            bench.fill(file, copies);
            bench.open(client, "all", 1);
            Cluster cluster = bench.stack().cluster();
            Corpus corpus = bench.stack().corpus();
            double[] bare = new double[rounds];
            double[] replicated = new double[rounds];
            double[] ratios = new double[rounds];
            for (int round = -1; round < rounds; round++) {
                long before = System.nanoTime();
                long bytes = consume(cluster, corpus);
                long between = System.nanoTime();
                replicate(cluster, corpus, bench.directory().resolve("replica-" + round));
                long after = System.nanoTime();
                if (round >= 0) {
                    bare[round] = bytes * 1e3 / (between - before);
                    replicated[round] = bytes * 1e3 / (after - between);
                    ratios[round] = replicated[round] / bare[round];
                }
            }
            return List.of(
                    Figure.of("bare consumer", "MB/s", bare),
                    Figure.of("into segments, durable", "MB/s", replicated),
                    Figure.of("segments / consumer", "ratio", ratios));
        }
    }

    private static long consume(Cluster cluster, Corpus corpus) {
        long bytes = 0;
        try (Consumer<byte[], byte[]> consumer = cluster.consumer(Replicator.CONSUMER_SETTINGS)) {
            List<TopicPartition> partitions = partitions(corpus);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long deadline = System.nanoTime() + TIMEOUT_NANOS;
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    bytes += record.value().length;
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("reading the topics took more than five minutes");
                }
            }
        }
        return bytes;
    }

    private static void replicate(Cluster cluster, Corpus corpus, Path directory) {
        Signal signal = new Signal();
        try (SegmentStore store = SegmentStore.open(directory, corpus);
                Consumer<byte[], byte[]> asking = cluster.consumer(Map.of())) {
            Map<TopicPartition, Long> ends = asking.endOffsets(partitions(corpus));
            try (Replicator _ = Replicator.start(
                    cluster, corpus, store, 1, signal, InstantSource.system(), new SimpleMeterRegistry())) {
                for (Bucket bucket : store.buckets()) {
                    for (int partition = 0; partition < store.partitions(); partition++) {
                        TopicPartition at = new TopicPartition(corpus.topics().sequences(bucket), partition);
                        await(store, bucket, partition, ends.getOrDefault(at, 0L), signal);
                    }
                }
            }
        }
    }

    private static void await(SegmentStore store, Bucket bucket, int partition, long end, Signal signal) {
        try {
            for (long seen = signal.version();
                    store.partition(bucket, partition).nextOffset() < end;
                    seen = signal.version()) {
                if (!signal.await(seen, TIMEOUT_NANOS)) {
                    throw new IllegalStateException("replication took more than five minutes");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static List<TopicPartition> partitions(Corpus corpus) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : corpus.topics().sequences(corpus.settings().buckets())) {
            for (int partition = 0; partition < corpus.settings().partitions(); partition++) {
                partitions.add(new TopicPartition(topic, partition));
            }
        }
        return partitions;
    }
}
