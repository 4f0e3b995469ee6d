package dev.dyadic.proto.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/// Creates topics and holds existing ones against their plans.
public final class TopicSetup {
    private static final Duration VISIBLE_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration VISIBLE_POLL = Duration.ofMillis(20);

    private final Cluster cluster;
    private final Admin admin;

    public TopicSetup(Cluster cluster, Admin admin) {
        this.cluster = cluster;
        this.admin = admin;
    }

    /// Creates what is missing. A topic that exists is left as it is.
    ///
    /// @param replication empty: the cluster's default
    public void create(List<TopicPlan> plans, Optional<Short> replication) {
        Set<String> existing = describePlanned(plans).keySet();
        List<TopicPlan> missing =
                plans.stream().filter(plan -> !existing.contains(plan.name())).toList();
        if (missing.isEmpty()) {
            return;
        }
        short replicas = replication.orElseGet(() -> defaultReplication(missing.getFirst()));
        List<NewTopic> topics = missing.stream()
                .map(plan ->
                        new NewTopic(plan.name(), plan.partitions(), replicas).configs(plan.creationSettings(replicas)))
                .toList();
        admin.createTopics(topics).values().forEach((name, created) -> {
            try {
                cluster.await(created, "creating topic " + name);
            } catch (ClusterException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        });
        awaitVisible(plans);
    }

    /// How many replicas a topic would have.
    private short defaultReplication(TopicPlan plan) {
        NewTopic topic = new NewTopic(plan.name(), Optional.of(plan.partitions()), Optional.empty());
        int replicas = cluster.await(
                admin.createTopics(List.of(topic), new CreateTopicsOptions().validateOnly(true))
                        .replicationFactor(plan.name()),
                "asking how many replicas topic " + plan.name() + " would have");
        return (short) replicas;
    }

    /// How many replicas a topic has; empty: it is not there.
    public Optional<Short> replication(String topic) {
        return describe(List.of(topic)).values().stream().findFirst().map(found -> (short) replicas(found));
    }

    private static int replicas(TopicDescription topic) {
        return topic.partitions().stream()
                .mapToInt(partition -> partition.replicas().size())
                .min()
                .orElse(0);
    }

    /// A broker learns of a new topic a moment after the controller has made it.
    private void awaitVisible(List<TopicPlan> plans) {
        long deadline = System.nanoTime() + VISIBLE_TIMEOUT.toNanos();
        while (describePlanned(plans).size() < plans.size() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(VISIBLE_POLL.toNanos());
        }
    }

    /// Checks every topic; all problems are reported together.
    ///
    /// @return topic name to topic id
    public Map<String, String> check(List<TopicPlan> plans) {
        Map<String, TopicDescription> found = describePlanned(plans);
        Map<String, Map<String, String>> settings = settings(found.keySet());
        List<String> problems = new ArrayList<>();
        Optional<TopicDescription> most = found.values().stream().max(Comparator.comparingInt(TopicSetup::replicas));
        for (TopicPlan plan : plans) {
            TopicDescription topic = found.get(plan.name());
            if (topic == null) {
                problems.add("topic " + plan.name()
                        + " does not exist: its records are gone with it. Restore it, or make another --corpus");
            } else {
                int replicas = replicas(topic);
                problems.addAll(plan.problems(
                        topic.partitions().size(), replicas, settings.getOrDefault(plan.name(), Map.of())));
                most.filter(other -> replicas(other) > replicas)
                        .ifPresent(other -> problems.add("topic " + plan.name() + ": expected " + replicas(other)
                                + " replicas, as topic " + other.name() + " has, but it has " + replicas
                                + ": it would stand still with its broker; fix: kafka-reassign-partitions.sh"));
            }
        }
        if (!problems.isEmpty()) {
            throw new ClusterException(String.join("\n", problems));
        }
        Map<String, String> ids = new TreeMap<>();
        found.forEach((name, topic) -> ids.put(name, topic.topicId().toString()));
        return ids;
    }

    private Map<String, TopicDescription> describePlanned(List<TopicPlan> plans) {
        return describe(plans.stream().map(TopicPlan::name).toList());
    }

    /// The topics of these names that exist.
    private Map<String, TopicDescription> describe(List<String> names) {
        Map<String, KafkaFuture<TopicDescription>> asked =
                admin.describeTopics(names).topicNameValues();
        Map<String, TopicDescription> found = new HashMap<>();
        asked.forEach((name, future) -> {
            try {
                found.put(name, cluster.await(future, "looking at topic " + name));
            } catch (ClusterException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        });
        return found;
    }

    private Map<String, Map<String, String>> settings(Set<String> names) {
        List<ConfigResource> resources = names.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        Map<ConfigResource, Config> configs =
                cluster.await(admin.describeConfigs(resources).all(), "reading topic settings");
        return configs.entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> entry.getKey().name(),
                        entry -> entry.getValue().entries().stream()
                                .filter(config -> config.value() != null)
                                .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value))));
    }
}
