package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.decomposer.Decomposer;
import dev.dyadic.decomposer.DecomposerException;
import dev.dyadic.decomposer.DecomposerSettings;
import dev.dyadic.deploy.broker.BrokerException;
import dev.dyadic.deploy.broker.EmbeddedBroker;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A corpus is what it was made as, or nothing starts.
class CorpusTest {
    @TempDir
    private static Path directory = Path.of("");

    private static EmbeddedBroker broker = null;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start(directory.resolve("broker"), 0);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void anotherIdentityIsRefusedByName() {
        init("identity", settings("identity", "bytes", new Buckets(6, 10), 2));

        assertThatCode(() -> init("identity", settings("identity", "bytes", new Buckets(6, 10), 2)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> init("identity", settings("identity", "r50k_base", new Buckets(6, 10), 2)))
                .hasMessage(
                        "corpus identity is another one: tokenizer: the corpus has bytes, but r50k_base was asked for."
                                + " Use what the corpus has, or another --corpus.");
        assertThatThrownBy(() -> init("identity", settings("identity", "bytes", new Buckets(6, 11), 2)))
                .hasMessageContaining("lengths: the corpus has 64..1024, but 64..2048 was asked for");
        assertThatThrownBy(() -> init("identity", settings("identity", "bytes", new Buckets(6, 10), 4)))
                .hasMessageContaining("partitions: the corpus has 2, but 4 was asked for");
    }

    @Test
    void anotherPartitionCountOfTheSharedTopicIsRefused() {
        init("shared", settings("shared", "bytes", new Buckets(6, 7), 2));

        assertThatThrownBy(() -> Corpus.init(
                        cluster(),
                        new Topics("shared", "second"),
                        settings("second", "bytes", new Buckets(6, 7), 3),
                        Optional.empty(),
                        InstantSource.system()))
                .hasMessageContaining("topic shared.documents: expected 3 partitions, but it has 2");
    }

    @Test
    void aCorpusThatIsNotThereIsSaidToBeMissing() {
        assertThatThrownBy(() -> Corpus.open(cluster(), new Topics("none", "main"), Optional.empty()))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("make it with: dyadic init --prefix none --corpus main");
    }

    @Test
    void aTopicThatWasChangedIsNamedWithTheFix() throws ExecutionException, InterruptedException {
        Topics topics = new Topics("changed", "changed");
        init("changed", settings("changed", "bytes", new Buckets(6, 7), 2));
        try (Admin admin = cluster().admin()) {
            ConfigResource ledger = new ConfigResource(ConfigResource.Type.TOPIC, topics.ledger());
            AlterConfigOp shorter =
                    new AlterConfigOp(new ConfigEntry("retention.ms", "1000"), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(ledger, List.of(shorter)))
                    .all()
                    .get();

            assertThatThrownBy(() -> Corpus.open(cluster(), topics, Optional.empty()))
                    .hasMessage("topic changed.changed.ledger: expected retention.ms=-1, but it is '1000'; fix:"
                            + " kafka-configs.sh --alter --entity-type topics --entity-name changed.changed.ledger"
                            + " --add-config retention.ms=-1");
        }
    }

    @Test
    void aTopicThatIsGoneStopsTheStart() throws ExecutionException, InterruptedException {
        Topics topics = new Topics("gone", "gone");
        init("gone", settings("gone", "bytes", new Buckets(6, 7), 2));
        try (Admin admin = cluster().admin()) {
            admin.deleteTopics(List.of(topics.sequences(Bucket.of(7)))).all().get();
        }

        assertThatThrownBy(() -> Corpus.open(cluster(), topics, Optional.empty()))
                .hasMessage(
                        "topic gone.gone.sequences.128 does not exist: its records are gone with it. Restore it, or make"
                                + " another --corpus");
    }

    @Test
    void theDecomposerNeverFallsBackToTheBeginning() throws ExecutionException, InterruptedException {
        init("expired", settings("expired", "bytes", new Buckets(6, 7), 2));
        Corpus corpus = Corpus.open(cluster(), new Topics("expired", "expired"), Optional.empty());
        try (Admin admin = cluster().admin()) {
            admin.deleteConsumerGroups(List.of(corpus.topics().decomposer()))
                    .all()
                    .get();
        }

        assertThatThrownBy(() -> Decomposer.start(
                        cluster(),
                        corpus,
                        new DecomposerSettings(directory.resolve("state"), 1, 100),
                        new SimpleMeterRegistry()))
                .isInstanceOf(DecomposerException.class)
                .hasMessageContaining("has no committed offset for expired.documents-0: it has expired");
    }

    @Test
    void aClusterThatIsNotThereIsOneClearLine() {
        Cluster nowhere = Cluster.at("127.0.0.1:1");

        assertThatThrownBy(() -> Corpus.open(nowhere, new Topics("d", "main"), Optional.empty()))
                .isInstanceOf(ClusterException.class)
                .hasMessageStartingWith("no Kafka answers at 127.0.0.1:1");
    }

    @Test
    void aDirectoryOrPortInUseIsSaidSo() {
        int port =
                Integer.parseInt(broker.bootstrap().substring(broker.bootstrap().indexOf(':') + 1));

        assertThatThrownBy(() -> EmbeddedBroker.start(directory.resolve("broker"), 0))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("is in use by another program");
        assertThatThrownBy(() -> EmbeddedBroker.start(directory.resolve("other"), port))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("cannot listen on 127.0.0.1:" + port);
        assertThat(broker.bootstrap()).startsWith("127.0.0.1:");
    }

    private static Cluster cluster() {
        return Cluster.at(broker.bootstrap());
    }

    private static CorpusSettings settings(String corpus, String tokenizer, Buckets buckets, int partitions) {
        CorpusSettings settings = TestStack.settings(tokenizer, buckets, partitions);
        return new CorpusSettings(
                corpus,
                settings.tokenizer(),
                settings.layout(),
                settings.buckets(),
                settings.longDocuments(),
                settings.holdoutPerMillion(),
                settings.holdoutSalt(),
                settings.partitions());
    }

    private static Corpus init(String corpus, CorpusSettings settings) {
        return Corpus.init(cluster(), new Topics(corpus, corpus), settings, Optional.empty(), InstantSource.system());
    }
}
