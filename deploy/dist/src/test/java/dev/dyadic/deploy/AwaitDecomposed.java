package dev.dyadic.deploy;

import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.DecomposerProgress;
import dev.dyadic.proto.kafka.DocumentGap;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;

/// Waits until every document that is published has its outcome.
public final class AwaitDecomposed {
    private static final Duration POLL = Duration.ofMillis(50);

    private AwaitDecomposed() {}

    /// @throws AssertionError where it takes longer
    public static void of(Cluster cluster, Topics topics, int partitions, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        try (Admin admin = cluster.admin();
                DocumentGap gap = new DocumentGap(cluster);
                var consumer = cluster.consumer(Map.of())) {
            List<TopicPartition> documents = IntStream.range(0, partitions)
                    .mapToObj(partition -> new TopicPartition(topics.documents(), partition))
                    .toList();
            while (true) {
                DecomposerProgress progress = DecomposerProgress.read(cluster, admin, topics, partitions);
                if (consumer.endOffsets(documents).entrySet().stream()
                        .noneMatch(end -> gap.hasDocument(
                                end.getKey(), progress.offset(end.getKey().partition()), end.getValue()))) {
                    return;
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new AssertionError("documents are still pending after " + timeout);
                }
                LockSupport.parkNanos(POLL.toNanos());
            }
        }
    }
}
