package dev.dyadic.deploy.doctor;

import dev.dyadic.decomposer.DecomposerSettings;
import dev.dyadic.decomposer.SeenRebuild;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpora;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.kafka.DecomposerProgress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/// Kafka, its settings, and the corpus on it.
public final class KafkaChecks {
    private static final long TRANSACTION_MILLIS = DecomposerSettings.MOST_TRANSACTION_MILLIS;

    private static final long REBUILD_MILLIS = SeenRebuild.TRANSACTION_TIMEOUT_MILLIS;

    private static final long SAFE_BROKERS = 3;
    private static final long OFFSETS_MINUTES = Duration.ofDays(7).toMinutes();
    /// Clocks that differ by more make freshness and windows of time wrong.
    static final long CLOCK_MILLIS = 1_000;

    private final Cluster cluster;
    private final Topics topics;
    private final InstantSource clock;

    public KafkaChecks(Cluster cluster, Topics topics, InstantSource clock) {
        this.cluster = cluster;
        this.topics = topics;
        this.clock = clock;
    }

    public List<Finding> all() {
        List<Finding> findings = new ArrayList<>();
        try (Admin admin = cluster.admin()) {
            Collection<Node> nodes = cluster.await(admin.describeCluster().nodes(), "describing the cluster");
            FinalizedVersionRange version = cluster.await(
                            admin.describeFeatures().featureMetadata(), "asking for versions")
                    .finalizedFeatures()
                    .get("metadata.version");
            findings.add(Finding.ok(
                    "Kafka",
                    nodes.size() + (nodes.size() == 1 ? " broker" : " brokers") + " at " + cluster.bootstrap()
                            + (version == null ? "" : ", metadata version " + version.maxVersionLevel())));
            each(
                    "Kafka settings",
                    findings,
                    () -> findings.addAll(
                            settings(brokerSettings(admin, nodes.iterator().next()), nodes.size())));
            each("corpus", findings, () -> corpus(admin, findings));
        } catch (ClusterException e) {
            findings.add(Finding.failure(
                    "Kafka",
                    String.valueOf(e.getMessage()),
                    "start it, or say where it is with --kafka and --kafka-config"));
        }
        return findings;
    }

    /// What cannot be looked at does not keep the rest from it.
    private static void each(String what, List<Finding> findings, Runnable look) {
        try {
            look.run();
        } catch (DyadicException e) {
            findings.add(Finding.failure(what, String.valueOf(e.getMessage()), "mend what it says"));
        }
    }

    private Map<String, String> brokerSettings(Admin admin, Node node) {
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, node.idString());
        Map<String, String> settings = new HashMap<>();
        for (Config config : cluster.await(
                        admin.describeConfigs(List.of(broker)).all(), "reading the broker's settings")
                .values()) {
            for (ConfigEntry entry : config.entries()) {
                if (entry.value() != null) {
                    settings.put(entry.name(), entry.value());
                }
            }
        }
        return settings;
    }

    static List<Finding> settings(Map<String, String> broker, int brokers) {
        List<Finding> findings = new ArrayList<>();
        long transaction = number(broker, "transaction.max.timeout.ms");
        if (transaction < TRANSACTION_MILLIS) {
            findings.add(Finding.failure(
                    "Kafka settings",
                    "transaction.max.timeout.ms is " + transaction,
                    "set it to " + TRANSACTION_MILLIS + " or more: a decomposer's transactions may take so long"));
        }
        if (transaction >= TRANSACTION_MILLIS && transaction < REBUILD_MILLIS) {
            findings.add(Finding.warning(
                    "Kafka settings",
                    "transaction.max.timeout.ms is " + transaction,
                    "set it to " + REBUILD_MILLIS + ", Kafka's default, before 'dyadic rebuild-seen' is ever needed"));
        }
        long offsets = number(broker, "offsets.retention.minutes");
        if (offsets < OFFSETS_MINUTES) {
            findings.add(Finding.warning(
                    "Kafka settings",
                    "offsets.retention.minutes is " + offsets,
                    "set it to " + OFFSETS_MINUTES
                            + " or more: a decomposer that stands still longer loses its place"));
        }
        long replicas = number(broker, "transaction.state.log.replication.factor");
        if (brokers >= SAFE_BROKERS && replicas < SAFE_BROKERS) {
            findings.add(Finding.warning(
                    "Kafka settings",
                    "transaction.state.log.replication.factor is " + replicas + " with " + brokers + " brokers",
                    "set it to " + SAFE_BROKERS + ": with the loss of one broker, decomposers and jobs stand still"));
        }
        if (brokers < SAFE_BROKERS) {
            findings.add(Finding.warning(
                    "Kafka settings",
                    brokers == 1 ? "there is one broker" : "there are " + brokers + " brokers",
                    "for data that must not be lost, use three; for trying things out, this is enough"));
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("Kafka settings", "as they have to be"));
        }
        return findings;
    }

    private static long number(Map<String, String> settings, String name) {
        return Long.parseLong(settings.getOrDefault(name, Long.toString(Long.MAX_VALUE)));
    }

    private void corpus(Admin admin, List<Finding> findings) {
        String init = "dyadic init --prefix " + topics.prefix() + " --corpus " + topics.corpus();
        if (Corpus.settings(cluster, topics).isEmpty()) {
            List<String> others = new Corpora(cluster, admin).names(topics.prefix());
            findings.add(Finding.failure(
                    "corpus",
                    "there is no corpus " + topics.corpus() + " with prefix " + topics.prefix()
                            + (others.isEmpty() ? "" : "; there are " + String.join(", ", others)),
                    init));
            return;
        }
        Corpus corpus = Corpus.open(cluster, topics, Optional.empty());
        findings.add(Finding.ok(
                "corpus",
                topics.corpus() + ": tokenizer " + corpus.settings().tokenizer().name() + ", lengths "
                        + corpus.settings().buckets() + ", " + corpus.settings().partitions() + " partitions"));
        findings.add(
                Finding.ok("topics", corpus.topicIds().size() + " topics, with the settings that they have to have"));
        decomposer(admin, corpus, findings);
        documentClock(admin, corpus, findings);
    }

    private void decomposer(Admin admin, Corpus corpus, List<Finding> findings) {
        int partitions = corpus.settings().partitions();
        DecomposerProgress progress = DecomposerProgress.read(cluster, admin, topics, partitions);
        Map<TopicPartition, ListOffsetsResultInfo> ends = offsets(admin, partitions, OffsetSpec.latest());
        long behind = 0;
        for (Map.Entry<TopicPartition, ListOffsetsResultInfo> end : ends.entrySet()) {
            behind += Math.max(
                    0, end.getValue().offset() - progress.offset(end.getKey().partition()));
        }
        int threads = new Corpora(cluster, admin).decomposers(topics);
        String found = threads
                + (threads == 1 ? " thread" : " threads")
                + " at work, up to %,d documents behind".formatted(behind);
        findings.add(
                threads == 0
                        ? Finding.warning("decomposer", found, "start one with: dyadic decompose")
                        : Finding.ok("decomposer", found));
    }

    /// Documents have the time of the broker that appended them.
    private void documentClock(Admin admin, Corpus corpus, List<Finding> findings) {
        long newest = offsets(admin, corpus.settings().partitions(), OffsetSpec.maxTimestamp()).values().stream()
                .mapToLong(ListOffsetsResultInfo::timestamp)
                .max()
                .orElse(-1);
        clock("Kafka's clock", newest - clock.millis(), false).ifPresent(findings::add);
    }

    /// @param aheadMillis how far it is ahead of this machine's clock
    /// @param isExact false: the clock may be later than that
    static Optional<Finding> clock(String what, long aheadMillis, boolean isExact) {
        if (aheadMillis > CLOCK_MILLIS || (isExact && aheadMillis < -CLOCK_MILLIS)) {
            return Optional.of(Finding.warning(
                    what,
                    "%,d ms %s this machine's"
                            .formatted(Math.abs(aheadMillis), aheadMillis > 0 ? "ahead of" : "behind"),
                    "let both take the time from the same servers (chrony, systemd-timesyncd): freshness and windows of"
                            + " time go by them"));
        }
        return isExact ? Optional.of(Finding.ok(what, "as this machine's, within a second")) : Optional.empty();
    }

    private Map<TopicPartition, ListOffsetsResultInfo> offsets(Admin admin, int partitions, OffsetSpec which) {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            asked.put(new TopicPartition(topics.documents(), partition), which);
        }
        return cluster.await(admin.listOffsets(asked).all(), "reading the offsets of " + topics.documents());
    }
}
