package dev.dyadic.proto.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/// Transactions whose outcome is not known yet: readers wait behind them.
public final class OpenTransactions {
    private static final Duration RETRY = Duration.ofMillis(20);
    /// Longer than the transaction of a dead decomposer, or of a dead ingest job, stays open.
    private static final Duration VISIBLE_TIMEOUT = Duration.ofSeconds(70);

    private OpenTransactions() {}

    /// Waits until everything that is written to the partitions, open transactions too, is decided and visible. What
    /// was committed before is visible then, on every broker.
    public static void awaitEnd(Cluster cluster, Admin admin, Collection<TopicPartition> partitions) {
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
}
