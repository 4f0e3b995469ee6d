package dev.dyadic.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.decomposer.Decomposer;
import dev.dyadic.decomposer.DecomposerSettings;
import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.deploy.AwaitDecomposed;
import dev.dyadic.deploy.faults.BrokerCluster;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.stats.CorpusStats;
import dev.dyadic.ingest.Ingest;
import dev.dyadic.ingest.IngestProgress;
import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.Fields;
import dev.dyadic.ingest.format.ReadSettings;
import dev.dyadic.ingest.job.Job;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.sampler.Sampler;
import dev.dyadic.sampler.SamplerLimits;
import dev.dyadic.sampler.client.SamplerClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A corpus on three brokers, of which any one may be killed.
class ThreeBrokersTest {
    private static final Topics TOPICS = new Topics("three", "main");
    private static final int NODES = 3;
    private static final long POLL_NANOS = 100_000_000;
    private static final int PARTITIONS = 3;
    private static final int DOCUMENTS = 300;
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void documentsGoOnWhicheverBrokerIsKilled() throws Exception {
        try (BrokerCluster brokers = new BrokerCluster(directory.resolve("kafka"), NODES)) {
            Cluster cluster = brokers.cluster();
            Corpus corpus = init(cluster);
            DecomposerSettings settings = new DecomposerSettings(directory.resolve("decomposer"), 1, 100);
            try (Decomposer decomposer = Decomposer.start(cluster, corpus, settings, new SimpleMeterRegistry())) {
                for (int node = 0; node < NODES; node++) {
                    brokers.kill(node);
                    ingest(cluster, node);
                    AwaitDecomposed.of(cluster, TOPICS, PARTITIONS, TIMEOUT);
                    brokers.start(node);
                    brokers.awaitBrokers(NODES);
                    brokers.awaitInSync();
                }
                assertThat(decomposer.ended()).isNotDone();
            }
            try (KafkaHistory history = new KafkaHistory(cluster, corpus, KafkaHistory.Progress.NONE)) {
                CorpusStats.Documents documents = CorpusStats.of(history).documents();
                assertThat(documents.accepted()).isEqualTo(3L * DOCUMENTS);
                assertThat(documents.decomposed()).isEqualTo(3L * DOCUMENTS);
            }
            everyTopicHasThreeReplicasAndIsChecked(cluster);
        }
    }

    @Test
    void aBrokerThatIsDownIsNamedWhereItsPartitionsHaveNoOtherReplica() throws Exception {
        try (BrokerCluster brokers = new BrokerCluster(directory.resolve("kafka"), NODES)) {
            Cluster cluster = brokers.cluster();
            Corpus corpus = Corpus.init(cluster, TOPICS, settings(), Optional.of((short) 1), InstantSource.system());
            int leader;
            try (Admin admin = cluster.admin()) {
                leader = admin.describeTopics(List.of(TOPICS.documents()))
                        .allTopicNames()
                        .get()
                        .get(TOPICS.documents())
                        .partitions()
                        .getFirst()
                        .leader()
                        .id();
            }
            try (Sampler sampler = Sampler.start(
                            cluster,
                            corpus,
                            new Sampler.Settings(
                                    directory.resolve("rows"),
                                    ListenSettings.loopback(0),
                                    1,
                                    "one",
                                    SamplerLimits.DEFAULT),
                            InstantSource.system(),
                            new SimpleMeterRegistry());
                    SamplerClient client = new SamplerClient(sampler.address(), 0)) {
                brokers.kill(leader - 1);

                String text =
                        TOPICS.documents() + "-0 has no leader, so it can be neither read nor written; brokers that"
                                + " are down: [" + leader + "]";
                long deadline = System.nanoTime() + TIMEOUT.toNanos();
                while (client.describeCorpus().getStallsList().stream()
                        .noneMatch(stall -> stall.getText().equals(text))) {
                    assertThat(System.nanoTime() - deadline)
                            .as("stalls: %s", client.describeCorpus().getStallsList())
                            .isNegative();
                    LockSupport.parkNanos(POLL_NANOS);
                }
            }
        }
    }

    private static void everyTopicHasThreeReplicasAndIsChecked(Cluster cluster) throws Exception {
        try (Admin admin = cluster.admin()) {
            Set<String> ours = admin.listTopics().names().get().stream()
                    .filter(name -> name.startsWith("three."))
                    .collect(Collectors.toSet());
            assertThat(ours).contains(TOPICS.seenChangelog(), TOPICS.ingestJobs());
            admin.describeTopics(ours)
                    .allTopicNames()
                    .get()
                    .values()
                    .forEach(topic -> assertThat(topic.partitions())
                            .as(topic.name())
                            .allSatisfy(partition ->
                                    assertThat(partition.replicas()).hasSize(3)));
            admin.describeConfigs(ours.stream()
                            .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                            .toList())
                    .all()
                    .get()
                    .forEach((topic, config) -> {
                        assertThat(config.get("min.insync.replicas").value())
                                .as(topic.name())
                                .isEqualTo("2");
                        assertThat(config.get("unclean.leader.election.enable").value())
                                .as(topic.name())
                                .isEqualTo("false");
                    });
            ConfigResource ledger = new ConfigResource(ConfigResource.Type.TOPIC, TOPICS.ledger());
            admin.incrementalAlterConfigs(Map.of(
                            ledger,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("min.insync.replicas", "1"), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
        assertThatThrownBy(() -> Corpus.open(cluster, TOPICS, Optional.empty()))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("expected min.insync.replicas=2, but it is '1'; fix: kafka-configs.sh");
    }

    private static void ingest(Cluster cluster, int round) {
        String lines = IntStream.range(0, DOCUMENTS)
                .mapToObj(i -> "{\"id\": \"" + round + "-" + i
                        + "\", \"text\": \"a document that is long enough for rows " + i + "\"}\n")
                .collect(Collectors.joining());
        ReadSettings settings = ReadSettings.of(DocumentRules.of(Fields.DEFAULT, "test"));
        try (Ingest ingest = Ingest.job(cluster, TOPICS, settings, new Job("round-" + round, "s"), false)) {
            ingest.read(
                    Input.stream("lines", new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8))),
                    IngestProgress.NONE);
            assertThat(ingest.flush().accepted()).isEqualTo(DOCUMENTS);
        }
    }

    private static Corpus init(Cluster cluster) {
        return Corpus.init(cluster, TOPICS, settings(), Optional.empty(), InstantSource.system());
    }

    private static CorpusSettings settings() {
        return new CorpusSettings(
                "main",
                Tokenizers.named("bytes").identity(),
                Layout.NEXT_TOKEN,
                new Buckets(5, 6),
                LongDocuments.LONGEST_FIRST,
                0,
                0,
                PARTITIONS);
    }
}
