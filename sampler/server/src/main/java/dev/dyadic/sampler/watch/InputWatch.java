package dev.dyadic.sampler.watch;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.Uptime;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.kafka.DecomposerProgress;
import dev.dyadic.proto.kafka.DocumentGap;
import dev.dyadic.sampler.segments.DiskBudget;
import dev.dyadic.sampler.segments.SegmentStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// Looks every few seconds at what stands between documents and this replica, and names what does not move: the
/// decomposer, an open transaction, this replica's own reading, a full disk.
public final class InputWatch implements AutoCloseable {
    private static final String BROKERS = "brokers-";
    private static final long LOOK_MILLIS = 1_000;
    /// What has stood still for so long while there was something to do is stalled.
    private static final long STALL_MILLIS = 3_000;

    private final Cluster cluster;
    private final Topics topics;
    private final int partitions;
    private final SegmentStore store;
    private final Admin admin;
    private final DocumentGap gap;
    private final BrokerWatch brokers;
    private final Periodic periodic;
    private final Map<String, Standing> standing = new HashMap<>();
    private volatile List<Notice> stalls = List.of();

    /// A place that has been reached, and since when.
    ///
    /// @param sinceUptime on the clock of [Uptime]
    private record Standing(long at, long sinceUptime) {}

    public InputWatch(Cluster cluster, Corpus corpus, SegmentStore store) {
        this.cluster = cluster;
        this.topics = corpus.topics();
        this.partitions = corpus.settings().partitions();
        this.store = store;
        this.admin = cluster.admin();
        this.gap = new DocumentGap(cluster);
        this.brokers = new BrokerWatch(cluster, admin, topics, topics.sequences(store.buckets()));
        this.periodic = new Periodic("dyadic-input-watch", LOOK_MILLIS, this::watch);
    }

    /// What is stalled now.
    public List<Notice> stalls() {
        return stalls;
    }

    /// For the message of a call that waits in vain; empty where all moves.
    public String describe() {
        List<Notice> now = stalls;
        StringBuilder text = new StringBuilder();
        for (Notice stall : now.subList(0, Math.min(3, now.size()))) {
            text.append("; stalled for ")
                    .append(stall.ageMillis() / 1000)
                    .append(" s: ")
                    .append(stall.text());
        }
        return text.toString();
    }

    @Override
    public void close() {
        periodic.close();
        gap.close();
        admin.close();
    }

    private void watch() {
        try {
            stalls = look();
        } catch (ClusterException | KafkaException e) {
            List<Notice> found = new ArrayList<>(lookAtBrokers());
            found.add(stalled("kafka", 0, "Kafka does not answer: " + e.getMessage()));
            stalls = List.copyOf(found);
        }
    }

    private List<Notice> look() {
        Map<String, Notice> found = new HashMap<>();
        DiskBudget disk = store.disk();
        if (disk.isSpent()) {
            found.put(
                    "disk",
                    stalled(
                            "disk",
                            0,
                            "this sampler's disk holds " + disk.usedBytes() + " bytes of rows and may hold "
                                    + disk.limitBytes() + ": raise --max-disk-bytes and start it again"));
        }
        disk.refusal()
                .ifPresent(reason -> found.put(
                        "disk-refuses",
                        stalled(
                                "disk-refuses",
                                0,
                                reason + ": replication pauses until the disk takes rows again; free some space")));
        lookAtDecomposer(found);
        lookAtTopics(found);
        standing.keySet().removeIf(key -> !key.startsWith(BROKERS) && !found.containsKey(key));
        List<Notice> old = new ArrayList<>();
        for (Notice notice : found.values()) {
            if (notice.ageMillis() >= STALL_MILLIS) {
                old.add(notice);
            }
        }
        if (!old.isEmpty()) {
            old.addAll(0, lookAtBrokers());
        }
        return List.copyOf(old);
    }

    /// Where something stands still, brokers that are down may be why: they are named first.
    private List<Notice> lookAtBrokers() {
        try {
            Map<String, String> found = brokers.look();
            standing.keySet()
                    .removeIf(key -> key.startsWith(BROKERS) && !found.containsKey(key.substring(BROKERS.length())));
            List<Notice> notices = new ArrayList<>();
            found.forEach((topic, text) -> notices.add(stalled(BROKERS + topic, 0, text)));
            return notices;
        } catch (ClusterException | KafkaException e) {
            // That Kafka does not answer is told already.
            return List.of();
        }
    }

    private void lookAtDecomposer(Map<String, Notice> found) {
        Map<TopicPartition, OffsetSpec> documents = new HashMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            documents.put(new TopicPartition(topics.documents(), partition), OffsetSpec.latest());
        }
        Map<TopicPartition, Long> ends = offsets(documents, IsolationLevel.READ_COMMITTED);
        offsets(documents, IsolationLevel.READ_UNCOMMITTED).forEach((partition, written) -> {
            long committed = ends.getOrDefault(partition, 0L);
            if (committed < written) {
                String key = "transaction-" + partition;
                found.put(
                        key,
                        stalled(
                                key,
                                committed,
                                "a transaction is open on " + partition + " at offset " + committed
                                        + ": no document after it can be read until it ends; that of an ingest that is"
                                        + " gone is ended when its command is started again, or by its timeout"));
            }
        });
        DecomposerProgress progress = DecomposerProgress.read(cluster, admin, topics, partitions);
        ends.forEach((partition, end) -> {
            long at = progress.offset(partition.partition());
            if (gap.hasDocument(partition, at, end)) {
                String key = "decomposer-" + partition.partition();
                found.put(
                        key,
                        stalled(
                                key,
                                at,
                                "the decomposer stands at offset " + at + " of " + end + " of " + partition
                                        + ": see whether 'dyadic decompose' is running"));
            }
        });
    }

    private void lookAtTopics(Map<String, Notice> found) {
        Map<TopicPartition, OffsetSpec> sequences = new HashMap<>();
        for (String topic : topics.sequences(store.buckets())) {
            for (int partition = 0; partition < partitions; partition++) {
                sequences.put(new TopicPartition(topic, partition), OffsetSpec.latest());
            }
        }
        Map<TopicPartition, Long> written = offsets(sequences, IsolationLevel.READ_UNCOMMITTED);
        Map<TopicPartition, Long> stable = offsets(sequences, IsolationLevel.READ_COMMITTED);
        for (Bucket bucket : store.buckets()) {
            for (int partition = 0; partition < partitions; partition++) {
                TopicPartition at = new TopicPartition(topics.sequences(bucket), partition);
                long committed = stable.getOrDefault(at, 0L);
                if (committed < written.getOrDefault(at, 0L)) {
                    String key = "transaction-" + at;
                    found.put(
                            key,
                            stalled(
                                    key,
                                    committed,
                                    "a transaction is open on " + at + " at offset " + committed
                                            + ": nothing after it can be read until it ends; a dead decomposer's is"
                                            + " ended when the next one starts, or by its timeout"));
                }
                long next = store.partition(bucket, partition).nextOffset();
                if (next < committed) {
                    String key = "replica-" + at;
                    found.put(
                            key,
                            stalled(
                                    key,
                                    next,
                                    "this replica has read " + at + " up to offset " + next + " of " + committed));
                }
            }
        }
    }

    /// Since when something stands where it stands.
    private Notice stalled(String key, long at, String text) {
        Standing before = standing.get(key);
        if (before == null || before.at() != at) {
            before = new Standing(at, Uptime.millis());
            standing.put(key, before);
        }
        return new Notice(text, before.sinceUptime());
    }

    private Map<TopicPartition, Long> offsets(Map<TopicPartition, OffsetSpec> asked, IsolationLevel level) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        cluster.await(admin.listOffsets(asked, new ListOffsetsOptions(level)).all(), "listing offsets")
                .forEach((partition, result) -> offsets.put(partition, result.offset()));
        return offsets;
    }
}
