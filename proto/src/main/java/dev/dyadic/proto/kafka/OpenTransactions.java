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
        Optional<Open> open = awaitEnd(cluster, admin, partitions, System.nanoTime() + VISIBLE_TIMEOUT.toNanos());
        if (open.isPresent()) {
            throw new ClusterException(
                    open.get() + " for " + VISIBLE_TIMEOUT.toSeconds() + " s: is whoever writes there stuck?");
        }
    }

    /// A transaction that has not ended.
    ///
    /// @param offset that readers come to
    public record Open(TopicPartition partition, long offset) {
        @Override
        public String toString() {
            return "a transaction on " + partition + " is open at offset " + offset;
        }
    }

    /// The same, until a deadline.
    ///
    /// @param deadlineNanos on the clock of [System#nanoTime]
    /// @return one that is still open then
    public static Optional<Open> awaitEnd(
            Cluster cluster, Admin admin, Collection<TopicPartition> partitions, long deadlineNanos) {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        Map<TopicPartition, ListOffsetsResultInfo> written =
                ends(cluster, admin, latest, IsolationLevel.READ_UNCOMMITTED);
        while (true) {
            Map<TopicPartition, ListOffsetsResultInfo> visible =
                    ends(cluster, admin, latest, IsolationLevel.READ_COMMITTED);
            Optional<Open> open = partitions.stream()
                    .filter(partition -> offset(visible, partition) < offset(written, partition))
                    .findFirst()
                    .map(partition -> new Open(partition, offset(visible, partition)));
            if (open.isEmpty() || System.nanoTime() - deadlineNanos > 0) {
                return open;
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
