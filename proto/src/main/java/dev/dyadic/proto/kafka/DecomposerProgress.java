package dev.dyadic.proto.kafka;

import dev.dyadic.proto.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/// How far the decomposer has come: what it has committed, together with everything that it wrote for it.
public final class DecomposerProgress {
    private static final Duration RETRY = Duration.ofMillis(20);

    private final long[] offsets;

    private DecomposerProgress(long[] offsets) {
        this.offsets = offsets;
    }

    /// Documents below this offset, on this partition, have their outcome.
    public long offset(int partition) {
        return offsets[partition];
    }

    /// Asks Kafka, which leaves out a partition while a transaction of the decomposer is about to be decided; asks
    /// again then.
    public static DecomposerProgress read(Cluster cluster, Admin admin, Topics topics, int partitions) {
        long deadline = System.nanoTime() + Cluster.ADMIN_TIMEOUT.toNanos();
        long[] offsets = new long[partitions];
        int partition = 0;
        Map<TopicPartition, OffsetAndMetadata> committed = ask(cluster, admin, topics);
        while (partition < partitions) {
            OffsetAndMetadata offset = committed.get(new TopicPartition(topics.documents(), partition));
            if (offset != null) {
                offsets[partition++] = offset.offset();
            } else if (System.nanoTime() - deadline > 0) {
                throw new ClusterException("group " + topics.decomposer() + " has no committed offset for "
                        + topics.documents() + " partition " + partition);
            } else {
                LockSupport.parkNanos(RETRY.toNanos());
                committed = ask(cluster, admin, topics);
            }
        }
        return new DecomposerProgress(offsets);
    }

    private static Map<TopicPartition, OffsetAndMetadata> ask(Cluster cluster, Admin admin, Topics topics) {
        String group = topics.decomposer();
        return cluster.await(
                admin.listConsumerGroupOffsets(
                                Map.of(group, new ListConsumerGroupOffsetsSpec()),
                                new ListConsumerGroupOffsetsOptions().requireStable(true))
                        .partitionsToOffsetAndMetadata(group),
                "reading the decomposer's progress");
    }
}
