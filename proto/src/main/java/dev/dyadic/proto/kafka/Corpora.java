package dev.dyadic.proto.kafka;

import dev.dyadic.proto.Topics;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The corpora of a cluster: which there are, what they hold, and their end.
public final class Corpora {
    private static final Logger LOG = LoggerFactory.getLogger(Corpora.class);
    private static final String LEDGER = ".ledger";
    /// Kafka takes topics out some time after it has said so.
    private static final long GONE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final long POLL_MILLIS = 100;

    private final Cluster cluster;
    private final Admin admin;

    public Corpora(Cluster cluster, Admin admin) {
        this.cluster = cluster;
        this.admin = admin;
    }

    /// The names of the corpora of a prefix, in order.
    public List<String> names(String prefix) {
        String begin = prefix + ".";
        return topicNames().stream()
                .filter(name -> name.startsWith(begin) && name.endsWith(LEDGER))
                .filter(name -> name.length() > begin.length() + LEDGER.length())
                .map(name -> name.substring(begin.length(), name.length() - LEDGER.length()))
                .filter(name -> !name.contains("."))
                .sorted()
                .toList();
    }

    /// The topics of a corpus that there are, in order. Documents are not among them: all corpora of a prefix share
    /// them.
    public List<String> topicsOf(Topics topics) {
        return topicNames().stream().filter(topics::isOfCorpus).sorted().toList();
    }

    /// What a topic holds.
    ///
    /// @param records its offsets: also the ends of transactions, and what compaction has taken
    /// @param bytes on the disks of all replicas; -1: Kafka does not tell this caller
    public record Size(int partitions, int replication, long records, long bytes) {}

    public Map<String, Size> sizes(Collection<String> names) {
        Map<String, TopicDescription> described =
                cluster.await(admin.describeTopics(names).allTopicNames(), "describing topics");
        List<TopicPartition> partitions = described.values().stream()
                .flatMap(topic ->
                        topic.partitions().stream().map(info -> new TopicPartition(topic.name(), info.partition())))
                .toList();
        Map<TopicPartition, Long> beginnings = offsets(partitions, OffsetSpec.earliest());
        Map<TopicPartition, Long> ends = offsets(partitions, OffsetSpec.latest());
        Map<String, Long> bytes = bytes();
        Map<String, Size> sizes = new LinkedHashMap<>();
        names.forEach(name -> {
            TopicDescription topic = described.get(name);
            if (topic != null) {
                long records = partitions.stream()
                        .filter(partition -> partition.topic().equals(name))
                        .mapToLong(
                                partition -> ends.getOrDefault(partition, 0L) - beginnings.getOrDefault(partition, 0L))
                        .sum();
                int replication = topic.partitions().getFirst().replicas().size();
                sizes.put(
                        name,
                        new Size(
                                topic.partitions().size(),
                                replication,
                                records,
                                bytes.isEmpty() ? -1 : bytes.getOrDefault(name, 0L)));
            }
        });
        return sizes;
    }

    /// Members of the corpus's decomposer: a corpus that is being decomposed must not be deleted.
    public int decomposers(Topics topics) {
        if (!hasGroup(topics.decomposer())) {
            return 0;
        }
        return cluster
                .await(
                        admin.describeConsumerGroups(List.of(topics.decomposer()))
                                .all(),
                        "describing group " + topics.decomposer())
                .values()
                .stream()
                .mapToInt(group -> group.members().size())
                .sum();
    }

    /// Deletes a corpus: its topics, its ledger last, so that a deletion that is interrupted can be done again, and the
    /// offsets of its decomposer. The documents stay.
    public void delete(Topics topics) {
        List<String> names = topicsOf(topics);
        List<String> first =
                names.stream().filter(name -> !name.equals(topics.ledger())).toList();
        cluster.await(admin.deleteTopics(first).all(), "deleting the topics of corpus " + topics.corpus());
        if (hasGroup(topics.decomposer())) {
            cluster.await(
                    admin.deleteConsumerGroups(List.of(topics.decomposer())).all(),
                    "deleting the offsets of " + topics.decomposer());
        }
        if (names.contains(topics.ledger())) {
            cluster.await(admin.deleteTopics(List.of(topics.ledger())).all(), "deleting " + topics.ledger());
        }
        awaitGone(topics);
    }

    private void awaitGone(Topics topics) {
        long deadline = System.nanoTime() + GONE_NANOS;
        while (!topicsOf(topics).isEmpty()) {
            if (System.nanoTime() - deadline > 0) {
                throw new ClusterException("Kafka has not taken out all topics of corpus " + topics.corpus()
                        + " yet; look again with: dyadic corpus list");
            }
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ClusterException("interrupted while the topics are taken out", e);
            }
        }
    }

    private boolean hasGroup(String name) {
        return cluster.await(admin.listGroups().all(), "listing groups").stream()
                .anyMatch(group -> group.groupId().equals(name));
    }

    private Set<String> topicNames() {
        return new TreeSet<>(cluster.await(admin.listTopics().names(), "listing topics"));
    }

    private Map<TopicPartition, Long> offsets(List<TopicPartition> partitions, OffsetSpec which) {
        Map<TopicPartition, OffsetSpec> asked = new LinkedHashMap<>();
        partitions.forEach(partition -> asked.put(partition, which));
        Map<TopicPartition, ListOffsetsResultInfo> found =
                cluster.await(admin.listOffsets(asked).all(), "reading offsets");
        Map<TopicPartition, Long> offsets = new LinkedHashMap<>();
        found.forEach((partition, result) -> offsets.put(partition, result.offset()));
        return offsets;
    }

    /// Empty where Kafka does not tell this caller.
    private Map<String, Long> bytes() {
        try {
            Collection<Node> nodes = cluster.await(admin.describeCluster().nodes(), "describing the cluster");
            List<Integer> ids = nodes.stream().map(Node::id).toList();
            Map<String, Long> bytes = new LinkedHashMap<>();
            for (KafkaFuture<Map<String, LogDirDescription>> answer :
                    admin.describeLogDirs(ids).descriptions().values()) {
                cluster.await(answer, "reading the sizes of topics")
                        .values()
                        .forEach(directory -> directory
                                .replicaInfos()
                                .forEach((partition, info) -> bytes.merge(partition.topic(), info.size(), Long::sum)));
            }
            return bytes;
        } catch (ClusterException e) {
            LOG.info("no sizes of topics", e);
            return Map.of();
        }
    }
}
