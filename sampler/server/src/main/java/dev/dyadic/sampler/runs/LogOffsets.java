package dev.dyadic.sampler.runs;

import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.kafka.DecomposerProgress;
import dev.dyadic.proto.kafka.DocumentGap;
import dev.dyadic.proto.kafka.OpenTransactions;
import dev.dyadic.sampler.order.RunSpec;
import dev.dyadic.sampler.order.Window;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/// What Kafka says about offsets, for opening runs.
final class LogOffsets implements AutoCloseable {
    private static final long NO_OFFSET = -1;

    private final Cluster cluster;
    private final Topics topics;
    private final int partitions;
    private final Admin admin;
    private final DocumentGap gap;
    /// What the decomposer had committed at the last look.
    private final Map<TopicPartition, Long> reached = new HashMap<>();

    LogOffsets(Cluster cluster, Corpus corpus) {
        this.cluster = cluster;
        this.topics = corpus.topics();
        this.partitions = corpus.settings().partitions();
        this.admin = cluster.admin();
        this.gap = new DocumentGap(cluster);
    }

    /// First offsets of a run. A time is that of publishing.
    ///
    /// @param deadlineNanos on the clock of [System#nanoTime]
    Window start(RunSpec spec, long deadlineNanos) {
        return switch (spec.start()) {
            case RunSpec.EARLIEST -> sequences(spec.buckets(), OffsetSpec.earliest());
            case RunSpec.LATEST -> ends(spec.buckets(), deadlineNanos);
            default ->
                sequences(
                        spec.buckets(),
                        OffsetSpec.forTimestamp(Instant.parse(spec.start()).toEpochMilli()));
        };
    }

    /// End offsets of what is committed. What was committed before this call is below them.
    ///
    /// @param deadlineNanos on the clock of [System#nanoTime]
    Window ends(Buckets buckets, long deadlineNanos) {
        List<TopicPartition> all = topics.sequences(buckets).stream()
                .flatMap(topic ->
                        IntStream.range(0, partitions).mapToObj(partition -> new TopicPartition(topic, partition)))
                .toList();
        OpenTransactions.awaitEnd(cluster, admin, all, deadlineNanos).ifPresent(open -> {
            throw new DyadicException(
                    DyadicException.Kind.NOT_READY,
                    "the run is not opened yet: " + open + ", and what it writes may belong to the run; that of a"
                            + " decomposer that is gone ends when one is started again, or by its timeout; try again");
        });
        return sequences(buckets, OffsetSpec.latest());
    }

    /// End offset of each partition of the documents topic.
    Map<TopicPartition, Long> documentEnds() {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            asked.put(new TopicPartition(topics.documents(), partition), OffsetSpec.latest());
        }
        Map<TopicPartition, Long> ends = new HashMap<>();
        list(asked).forEach((partition, result) -> ends.put(partition, result.offset()));
        return ends;
    }

    /// How many offsets below these the decomposer has not committed yet; 0 where no document is among them.
    long undecomposed(Map<TopicPartition, Long> ends) {
        DecomposerProgress progress = DecomposerProgress.read(cluster, admin, topics, partitions);
        long behind = 0;
        for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
            TopicPartition documents = end.getKey();
            long at = progress.offset(documents.partition());
            Long before = reached.put(documents, at);
            boolean standsStill = before != null && before == at;
            if (at < end.getValue() && !(standsStill && !gap.hasDocument(documents, at, end.getValue()))) {
                behind += end.getValue() - at;
            }
        }
        return behind;
    }

    @Override
    public void close() {
        gap.close();
        admin.close();
    }

    private Window sequences(Buckets buckets, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (String topic : topics.sequences(buckets)) {
            for (int partition = 0; partition < partitions; partition++) {
                asked.put(new TopicPartition(topic, partition), spec);
            }
        }
        Map<TopicPartition, ListOffsetsResultInfo> found = list(asked);
        // A time after the last record has no offset: such a run starts at the end.
        Map<TopicPartition, OffsetSpec> late = new HashMap<>();
        found.forEach((partition, result) -> {
            if (result.offset() == NO_OFFSET) {
                late.put(partition, OffsetSpec.latest());
            }
        });
        Map<TopicPartition, ListOffsetsResultInfo> ends = late.isEmpty() ? Map.of() : list(late);
        return Window.of(buckets, partitions, (bucket, partition) -> {
            TopicPartition at = new TopicPartition(topics.sequences(bucket), partition);
            ListOffsetsResultInfo result = ends.getOrDefault(at, found.get(at));
            if (result == null) {
                throw new IllegalStateException("Kafka gave no offset of " + at);
            }
            return result.offset();
        });
    }

    private Map<TopicPartition, ListOffsetsResultInfo> list(Map<TopicPartition, OffsetSpec> asked) {
        return cluster.await(
                admin.listOffsets(asked, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                        .all(),
                "listing offsets");
    }
}
