package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.decomposer.Decomposer;
import dev.dyadic.decomposer.DecomposerSettings;
import dev.dyadic.deploy.AwaitDecomposed;
import dev.dyadic.deploy.audit.Audit;
import dev.dyadic.deploy.audit.AuditReport;
import dev.dyadic.deploy.broker.EmbeddedBroker;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.stats.CorpusStats;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.client.SamplerClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What retention takes is told from what is lost: before it was decomposed, and after.
class RetentionTest {
    private static final Topics TOPICS = new Topics("retention", "main");
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int PARTITIONS = 2;
    private static final int HALF = 200;
    /// What a Kafka consumer's fetch waits by default.
    private static final long FETCH_WAIT_MILLIS = 500;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void theDecomposerGoesOnAfterDocumentsThatRetentionTookAndNamesThem() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("broker"), 0)) {
            Cluster cluster = Cluster.at(broker.bootstrap());
            Corpus corpus = init(cluster);
            Texts.publish(cluster, TOPICS, Texts.make("early-", HALF, 1));
            List<Long> ends = ends(cluster);
            deleteDocuments(cluster, ends);
            Texts.publish(cluster, TOPICS, Texts.make("late-", HALF, 2));

            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            try (Decomposer decomposer = start(cluster, corpus, registry)) {
                AwaitDecomposed.of(cluster, TOPICS, PARTITIONS, TIMEOUT);
                assertThat(decomposer.ended()).isNotDone();
            }

            List<String> ranges = IntStream.range(0, PARTITIONS)
                    .mapToObj(partition -> "offsets 0 to " + (ends.get(partition) - 1)
                            + " of retention.documents partition " + partition
                            + " were deleted before they were decomposed: at most " + ends.get(partition)
                            + " documents are lost")
                    .toList();
            CorpusStats stats = stats(cluster, corpus);
            assertThat(stats.lost()).containsExactlyInAnyOrderElementsOf(ranges);
            assertThat(stats.documents().accepted()).isEqualTo(HALF);
            assertThat(stats.documents().decomposed() + stats.documents().rejected())
                    .isEqualTo(HALF);
            assertThat(stats.documents().lostAtMost())
                    .isEqualTo(ends.stream().mapToLong(Long::longValue).sum())
                    .isGreaterThanOrEqualTo(HALF);
            assertThat((long) registry.counter("dyadic.decomposer.lost.offsets").count())
                    .isEqualTo(stats.documents().lostAtMost());
            // Another start finds nothing more.
            try (Decomposer again = start(cluster, corpus, new SimpleMeterRegistry())) {
                assertThat(again.ended()).isNotDone();
            }
            assertThat(stats(cluster, corpus).lost()).hasSize(PARTITIONS);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aDecomposerUnderWhichDocumentsAreDeletedGoesOnByItself() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("broker"), 0)) {
            Cluster cluster = Cluster.at(broker.bootstrap());
            Corpus corpus = init(cluster);
            try (ServiceProcess decomposer = decomposer(broker.bootstrap())) {
                Texts.publish(cluster, TOPICS, Texts.make("first-", HALF, 1));
                AwaitDecomposed.of(cluster, TOPICS, PARTITIONS, TIMEOUT);
                decomposer.signal("STOP");
                // A fetch that is under way ends meanwhile, and brings nothing.
                TimeUnit.MILLISECONDS.sleep(4 * FETCH_WAIT_MILLIS);
                Texts.publish(cluster, TOPICS, Texts.make("gone-", HALF, 2));
                deleteDocuments(cluster, ends(cluster));
                Texts.publish(cluster, TOPICS, Texts.make("last-", HALF, 3));
                decomposer.signal("CONT");

                AwaitDecomposed.of(cluster, TOPICS, PARTITIONS, TIMEOUT);

                decomposer.requireWell();
            }
            CorpusStats stats = stats(cluster, corpus);
            CorpusStats.Documents documents = stats.documents();
            assertThat(documents.accepted()).isEqualTo(HALF);
            assertThat(documents.decomposed() + documents.rejected()).isEqualTo(HALF);
            assertThat(documents.gone()).isEqualTo(HALF);
            assertThat(documents.lostAtMost()).isGreaterThanOrEqualTo(HALF);
            assertThat(stats.lost()).hasSize(PARTITIONS);
        }
    }

    @Test
    void whatWasDecomposedAndIsGoneBreaksNoLaw() throws Exception {
        try (TestStack test = new TestStack(directory.resolve("stack"))) {
            Cluster cluster = test.stack().cluster();
            Topics topics = test.stack().corpus().topics();
            Texts.publish(cluster, topics, Texts.make("a-", HALF, 1));
            test.client().openRun("run", TestStack.live(5).build());
            serve(test.client(), 20);
            Texts.publish(cluster, topics, Texts.make("b-", HALF, 2));
            serve(test.client(), 30);
            AwaitDecomposed.of(cluster, topics, TestStack.PARTITIONS, TIMEOUT);
            delete(cluster, Map.of(new TopicPartition(topics.documents(), 0), 150L));
            delete(cluster, Map.of(new TopicPartition(topics.sequences(TestStack.BUCKETS.min()), 1), 40L));

            try (KafkaHistory history = test.history()) {
                CorpusStats.Documents documents = CorpusStats.of(history).documents();
                assertThat(documents.gone()).isPositive();
                assertThat(documents.trimmed()).isPositive();
                assertThat(documents.decomposed() + documents.rejected() + documents.trimmed())
                        .isEqualTo(documents.accepted());
                AuditReport report = Audit.of(history, "run", Audit.Served.nothing());
                assertThat(report.ok()).as("%s", report).isTrue();
                assertThat(report.laws().getFirst().detail()).contains("whose rows are gone in part or whole");
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aSamplerThatLacksRowsWhichAreGoneSaysWhich() throws Exception {
        try (TestStack test = new TestStack(directory.resolve("stack"));
                ServiceProcess sampler = ServiceProcess.sampler(
                        directory.resolve("sampler.log"), 256, test, directory.resolve("rows"))) {
            Cluster cluster = test.stack().cluster();
            Topics topics = test.stack().corpus().topics();
            Texts.publish(cluster, topics, Texts.make("a-", HALF, 1));
            test.client().openRun("run", TestStack.bounded(1, 1).build());
            try (SamplerClient client = new SamplerClient(sampler.address("sampler"), 30_000)) {
                assertThat(TestStack.get(client, "run", 0).getRows()).isPositive();
            }
            sampler.signal("STOP");
            TimeUnit.MILLISECONDS.sleep(4 * FETCH_WAIT_MILLIS);
            Texts.publish(cluster, topics, Texts.make("b-", HALF, 2));
            AwaitDecomposed.of(cluster, topics, TestStack.PARTITIONS, TIMEOUT);
            TopicPartition partition = new TopicPartition(topics.sequences(TestStack.BUCKETS.min()), 0);
            long end;
            try (var consumer = cluster.consumer(Map.of())) {
                end = consumer.endOffsets(List.of(partition)).get(partition);
            }
            delete(cluster, Map.of(partition, end));
            sampler.signal("CONT");

            assertThat(sampler.awaitEnd(TIMEOUT.toSeconds()))
                    .containsPattern("this disk has rows of " + partition + " up to offset \\d+, but Kafka begins at "
                            + end + ": the rows between are gone");
        }
    }

    @Test
    void anAuditMayLookOnlyAtWhatCameSinceACycle() {
        try (TestStack test = new TestStack(directory.resolve("stack"))) {
            Topics topics = test.stack().corpus().topics();
            Texts.publish(test.stack().cluster(), topics, Texts.make("a-", HALF, 1));
            test.client().openRun("run", TestStack.live(5).build());
            serve(test.client(), 20);
            Texts.publish(test.stack().cluster(), topics, Texts.make("b-", HALF, 2));
            serve(test.client(), 40);
            AwaitDecomposed.of(test.stack().cluster(), topics, TestStack.PARTITIONS, TIMEOUT);

            try (KafkaHistory history = test.history()) {
                int last = Math.toIntExact(test.client().describeRun("run").getCyclesPlanned()) - 1;
                for (int cycle = 0; cycle <= last; cycle++) {
                    int since = cycle;
                    AuditReport report =
                            Audit.since(history, "run", _ -> since, Audit.Served.nothing(), Audit.Settings.WHOLE);
                    assertThat(report.ok()).as("%s", report).isTrue();
                    assertThat(report.laws().get(3).detail())
                            .isEqualTo((test.client().describeRun("run").getStepsPlanned()
                                            - firstStep(test.client(), cycle))
                                    + " planned steps have 1024 positions each");
                }
                assertThatThrownBy(() -> Audit.since(
                                history, "run", _ -> last + 1, Audit.Served.nothing(), Audit.Settings.WHOLE))
                        .isInstanceOf(InvalidException.class)
                        .hasMessage("run run has cycles 0 to " + last + ", but cycle " + (last + 1) + " was named");
            }
        }
    }

    /// Cycles are shorter where the text came slowly.
    private static long firstStep(SamplerClient client, int cycle) {
        long step = 0;
        while (TestStack.get(client, "run", step).getCycle() < cycle) {
            step++;
        }
        return step;
    }

    private static void serve(SamplerClient client, long step) {
        for (long at = 0; at <= step; at++) {
            TestStack.get(client, "run", at);
        }
    }

    private ServiceProcess decomposer(String kafka) throws IOException {
        return new ServiceProcess(
                directory.resolve("decomposer.log"),
                256,
                List.of(
                        "decompose",
                        "--kafka",
                        kafka,
                        "--prefix",
                        TOPICS.prefix(),
                        "--data",
                        directory.resolve("state").toString(),
                        "-o",
                        "json"));
    }

    private Decomposer start(Cluster cluster, Corpus corpus, MeterRegistry registry) {
        return Decomposer.start(
                cluster, corpus, new DecomposerSettings(directory.resolve("decomposer"), 1, 100), registry);
    }

    private static Corpus init(Cluster cluster) {
        return Corpus.init(
                cluster,
                TOPICS,
                TestStack.settings("bytes", new Buckets(5, 8), PARTITIONS),
                Optional.empty(),
                InstantSource.system());
    }

    private static CorpusStats stats(Cluster cluster, Corpus corpus) {
        try (KafkaHistory history = new KafkaHistory(cluster, corpus, KafkaHistory.Progress.NONE)) {
            return CorpusStats.of(history);
        }
    }

    private static List<Long> ends(Cluster cluster) {
        try (var consumer = cluster.consumer(Map.of())) {
            return IntStream.range(0, PARTITIONS)
                    .mapToObj(partition -> new TopicPartition(TOPICS.documents(), partition))
                    .map(partition -> consumer.endOffsets(List.of(partition)).get(partition))
                    .toList();
        }
    }

    private static void deleteDocuments(Cluster cluster, List<Long> ends) throws Exception {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            delete(cluster, Map.of(new TopicPartition(TOPICS.documents(), partition), ends.get(partition)));
        }
    }

    private static void delete(Cluster cluster, Map<TopicPartition, Long> before) throws Exception {
        try (Admin admin = cluster.admin()) {
            for (Map.Entry<TopicPartition, Long> entry : before.entrySet()) {
                admin.deleteRecords(Map.of(entry.getKey(), RecordsToDelete.beforeOffset(entry.getValue())))
                        .all()
                        .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }
}
