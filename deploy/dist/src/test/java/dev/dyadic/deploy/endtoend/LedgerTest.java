package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.deploy.audit.Audit;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.proto.LedgerHeaders;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.Sampler;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.Batch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The ledger is the only truth about order: a replica that cannot read all of it says so, and leaves alone what it
/// would get wrong.
class LedgerTest {
    private static final byte[] LATER_RELEASE = {(byte) 0xC3, 1, 1, 2, 3, 4, 5, 6, 7, 8, 99};
    private static final long PATIENCE_MILLIS = 20_000;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void aRunWithARecordOfALaterReleaseIsLeftAloneAndTheOthersAreServed() throws Exception {
        try (TestStack test = withTwoRuns();
                SamplerClient client = new SamplerClient(test.stack().samplerAddress(), 0)) {
            long id = client.describeRun("one").getRunId();

            append(test.stack().cluster(), test.stack().corpus(), Map.of(LedgerHeaders.RUN_ID, Long.toString(id)));
            awaitRefusal(client, "one");

            String reason = "run one is neither planned nor served by this replica: ledger record ";
            assertThatThrownBy(() -> TestStack.get(client, "one", 0)).hasMessageContaining(reason);
            assertThatThrownBy(() -> client.describeRun("one")).hasMessageContaining(reason);
            assertThatThrownBy(
                            () -> client.openRun("one", TestStack.bounded(1, 1).build()))
                    .hasMessageContaining("upgrade it");
            assertThat(TestStack.get(client, "two", 0).getRows()).isPositive();
            assertThat(test.stack().notReady()).isEmpty();
            try (KafkaHistory history = test.history()) {
                assertThatThrownBy(() -> Audit.of(history, "one", Audit.Served.nothing()))
                        .hasMessageContaining(reason);
                assertThat(Audit.of(history, "two", Audit.Served.nothing()).ok())
                        .isTrue();
            }
        }
    }

    @Test
    void aRecordOfALaterReleaseThatNamesNoRunStopsAllAndReadinessSaysSo() throws Exception {
        try (TestStack test = withTwoRuns();
                SamplerClient client = new SamplerClient(test.stack().samplerAddress(), 0)) {
            append(test.stack().cluster(), test.stack().corpus(), Map.of());
            awaitRefusal(client, "one");

            assertThatThrownBy(() -> TestStack.get(client, "two", 0)).hasMessageContaining("upgrade it");
            assertThat(test.stack().notReady())
                    .hasValueSatisfying(reason -> assertThat(reason).startsWith("every run is neither planned"));
        }
    }

    @Test
    void aLedgerThatLosesItsBeginningIsRefusedAtOnceAndToldFromADeletedCorpus() throws Exception {
        try (TestStack test = withTwoRuns()) {
            Cluster cluster = test.stack().cluster();
            Corpus corpus = test.stack().corpus();
            String ledger = corpus.topics().ledger();
            try (Sampler replica = test.replica(directory.resolve("replica"));
                    Admin admin = cluster.admin()) {
                admin.deleteRecords(Map.of(new TopicPartition(ledger, 0), RecordsToDelete.beforeOffset(2)))
                        .all()
                        .get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);

                assertThatThrownBy(() -> replica.ended().get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                        .hasMessageContaining("topic " + ledger + " begins at offset 2");
                assertThat(replica.notReady())
                        .hasValueSatisfying(reason -> assertThat(reason).contains("begins at offset 2"));
            }

            String refused =
                    "topic " + ledger + " begins at offset 2, but a ledger is kept from offset 0 on: retention,";
            assertThatThrownBy(() -> test.replica(directory.resolve("other"))).hasMessageStartingWith(refused);
            assertThatThrownBy(() -> Corpus.open(cluster, corpus.topics(), Optional.empty()))
                    .isInstanceOf(ClusterException.class)
                    .hasMessageStartingWith(refused);
            assertThatThrownBy(() -> Corpus.init(
                            cluster, corpus.topics(), corpus.settings(), Optional.empty(), InstantSource.system()))
                    .hasMessageStartingWith(refused);
        }
    }

    @Test
    void aLedgerThatWasDeletedIsNotMadeAnewOverTheRowsOfItsCorpus() throws Exception {
        try (TestStack test = withTwoRuns();
                Admin admin = test.stack().cluster().admin()) {
            Corpus corpus = test.stack().corpus();
            String ledger = corpus.topics().ledger();
            admin.deleteTopics(List.of(ledger)).all().get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);

            assertThatThrownBy(() -> Corpus.init(
                            test.stack().cluster(),
                            corpus.topics(),
                            corpus.settings(),
                            Optional.empty(),
                            InstantSource.system()))
                    .hasMessageStartingWith("topic " + ledger + " is empty, but topic ")
                    .hasMessageContaining("the ledger is lost, with the order of its runs");
        }
    }

    @Test
    void aLedgerThatCameBackShorterIsRefused() throws IOException {
        Path stack = directory.resolve("stack");
        try (TestStack test = withTwoRuns()) {
            Batch batch = TestStack.get(test.client(), "one", 0);
            assertThat(batch.getRows()).isPositive();
        }
        copy(stack.resolve("broker"), directory.resolve("copy"));
        try (TestStack test = new TestStack(stack)) {
            test.client().openRun("three", TestStack.bounded(1, 1).build());
        }
        delete(stack.resolve("broker"));
        copy(directory.resolve("copy"), stack.resolve("broker"));

        assertThatThrownBy(() -> new TestStack(stack).close())
                .hasMessageMatching("topic test\\.main\\.ledger ends at offset \\d+, but it was read up to offset \\d+"
                        + " before: its last records are lost.*");
    }

    private TestStack withTwoRuns() {
        TestStack test = new TestStack(directory.resolve("stack"));
        Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), Texts.make("a-", 100, 1));
        test.client().openRun("one", TestStack.bounded(1, 1).build());
        test.client().openRun("two", TestStack.bounded(1, 1).build());
        return test;
    }

    private static void append(Cluster cluster, Corpus corpus, Map<String, String> headers) throws Exception {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(corpus.topics().ledger(), 0, null, LATER_RELEASE);
        headers.forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        try (Producer<byte[], byte[]> producer = cluster.producer(Map.of())) {
            producer.send(record).get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private static void awaitRefusal(SamplerClient client, String run) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (System.nanoTime() < deadline) {
            try {
                client.describeRun(run);
            } catch (RuntimeException e) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        throw new AssertionError("run " + run + " is served on");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
