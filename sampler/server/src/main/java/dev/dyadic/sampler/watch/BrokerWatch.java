package dev.dyadic.sampler.watch;

import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;

/// Names the brokers that are down, where partitions cannot be read or written because of it: what stands still then is
/// not at fault itself.
final class BrokerWatch {
    /// As `init` sets it, for topics of three replicas or more.
    private static final int SAFE_REPLICAS = 3;

    private static final int IN_STEP = 2;
    /// Kafka's own: without them no transaction is committed, and no group has a coordinator.
    private static final List<String> INTERNAL = List.of("__consumer_offsets", "__transaction_state");

    private final Cluster cluster;
    private final Admin admin;
    private final List<String> topics;

    BrokerWatch(Cluster cluster, Admin admin, Topics topics, List<String> sequences) {
        this.cluster = cluster;
        this.admin = admin;
        this.topics = new ArrayList<>(sequences);
        this.topics.addAll(List.of(topics.documents(), topics.rejects(), topics.seenChangelog(), topics.ledger()));
        this.topics.addAll(INTERNAL);
    }

    /// @return by topic, what is wrong with the first of its partitions that has something wrong
    Map<String, String> look() {
        Set<Integer> alive = cluster.await(admin.describeCluster().nodes(), "looking at the brokers").stream()
                .map(Node::id)
                .collect(Collectors.toSet());
        Map<String, String> found = new TreeMap<>();
        admin.describeTopics(topics)
                .topicNameValues()
                .forEach((topic, description) -> look(topic, description, alive, found));
        return found;
    }

    private void look(
            String topic, KafkaFuture<TopicDescription> description, Set<Integer> alive, Map<String, String> found) {
        try {
            for (TopicPartitionInfo partition :
                    cluster.await(description, "looking at topic " + topic).partitions()) {
                String what = problem(partition);
                if (!what.isEmpty()) {
                    List<Integer> down = partition.replicas().stream()
                            .map(Node::id)
                            .filter(id -> !alive.contains(id))
                            .toList();
                    found.putIfAbsent(
                            topic,
                            topic + "-" + partition.partition() + what
                                    + (down.isEmpty() ? "" : "; brokers that are down: " + down));
                }
            }
        } catch (ClusterException e) {
            // Those of Kafka's own are made when they are first needed.
            if (!INTERNAL.contains(topic)) {
                found.put(topic, String.valueOf(e.getMessage()));
            }
        }
    }

    private static String problem(TopicPartitionInfo partition) {
        Node leader = partition.leader();
        if (leader == null || leader.isEmpty()) {
            return " has no leader, so it can be neither read nor written";
        }
        boolean isSafe = partition.replicas().size() >= SAFE_REPLICAS;
        return isSafe && partition.isr().size() < IN_STEP
                ? " has " + partition.isr().size() + " of "
                        + partition.replicas().size() + " replicas in step and needs " + IN_STEP
                        + ", so it takes no writes"
                : "";
    }
}
