package dev.dyadic.decomposer;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.ThreadMetadata;

/// Finds partitions of this member that have documents and do not move.
final class StallWatch {
    static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(120);

    private final Map<TopicPartition, Standing> standing = new HashMap<>();

    /// Committed offset, and since when it has been this one with more documents behind it.
    private record Standing(long offset, long sinceNanos) {}

    /// @return what stands still; each call looks anew
    synchronized Optional<String> look(KafkaStreams streams) {
        Map<TopicPartition, Long> behind = new HashMap<>();
        for (ThreadMetadata thread : streams.metadataForLocalThreads()) {
            for (TaskMetadata task : thread.activeTasks()) {
                task.endOffsets().forEach((partition, end) -> {
                    long committed = task.committedOffsets().getOrDefault(partition, -1L);
                    if (committed >= 0 && committed < end) {
                        behind.put(partition, committed);
                    }
                });
            }
        }
        return look(behind, System.nanoTime());
    }

    /// @param behind committed offsets of partitions that have more
    synchronized Optional<String> look(Map<TopicPartition, Long> behind, long nowNanos) {
        standing.keySet().retainAll(behind.keySet());
        behind.forEach((partition, offset) -> {
            Standing before = standing.get(partition);
            if (before == null || before.offset() != offset) {
                standing.put(partition, new Standing(offset, nowNanos));
            }
        });
        return standing.entrySet().stream()
                .filter(entry -> nowNanos - entry.getValue().sinceNanos() >= STALL_NANOS)
                .findFirst()
                .map(entry -> entry.getKey() + " has stood at offset "
                        + entry.getValue().offset() + " for "
                        + TimeUnit.NANOSECONDS.toSeconds(
                                nowNanos - entry.getValue().sinceNanos())
                        + " s, with documents behind it");
    }
}
