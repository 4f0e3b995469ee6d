package dev.dyadic.proto.kafka;

import dev.dyadic.proto.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/// How far the decomposer has come: what it has committed, together with everything that it wrote for it.
public final class DecomposerProgress {
    private static final Duration RETRY = Duration.ofMillis(20);
    /// Longer than the transaction of a dead decomposer, or of a dead ingest job, stays open.
    private static final Duration VISIBLE_TIMEOUT = Duration.ofSeconds(70);

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

    /// Waits until everything that is written to the partitions, open transactions too, is decided and visible. What
    /// was committed before is visible then, on every broker.
    public static void awaitVisible(Cluster cluster, Admin admin, Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        Map<TopicPartition, ListOffsetsResultInfo> written =
                ends(cluster, admin, latest, IsolationLevel.READ_UNCOMMITTED);
        long deadline = System.nanoTime() + VISIBLE_TIMEOUT.toNanos();
        while (true) {
            Map<TopicPartition, ListOffsetsResultInfo> visible =
                    ends(cluster, admin, latest, IsolationLevel.READ_COMMITTED);
            Optional<TopicPartition> open = partitions.stream()
                    .filter(partition -> offset(visible, partition) < offset(written, partition))
                    .findFirst();
            if (open.isEmpty()) {
                return;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new ClusterException("a transaction on " + open.get() + " has been open at offset "
                        + offset(visible, open.get()) + " for " + VISIBLE_TIMEOUT.toSeconds()
                        + " s: is whoever writes there stuck?");
            }
            LockSupport.parkNanos(RETRY.toNanos());
        }
    }

    private static Map<TopicPartition, ListOffsetsResultInfo> ends(
            Cluster cluster, Admin admin, Map<TopicPartition, OffsetSpec> latest, IsolationLevel isolation) {
        return cluster.await(
                admin.listOffsets(latest, new ListOffsetsOptions(isolation)).all(), "listing offsets");
    }

    private static long offset(Map<TopicPartition, ListOffsetsResultInfo> ends, TopicPartition partition) {
        ListOffsetsResultInfo end = ends.get(partition);
        return end == null ? 0 : end.offset();
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
