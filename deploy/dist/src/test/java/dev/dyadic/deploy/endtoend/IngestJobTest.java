package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.stats.CorpusStats;
import dev.dyadic.ingest.Ingest;
import dev.dyadic.ingest.IngestException;
import dev.dyadic.ingest.IngestProgress;
import dev.dyadic.ingest.IngestReport;
import dev.dyadic.ingest.Sample;
import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.ingest.bytes.Inputs;
import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.Fields;
import dev.dyadic.ingest.format.ReadSettings;
import dev.dyadic.ingest.job.Job;
import dev.dyadic.ingest.job.JobTopic;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.avro.IngestPosition;
import dev.dyadic.proto.kafka.Cluster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Jobs: what was read, and what a second start does.
class IngestJobTest {
    private static final ReadSettings SETTINGS = ReadSettings.of(DocumentRules.of(Fields.DEFAULT, "test"));

    @TempDir
    private static Path directory = Path.of("");

    private static TestStack test = null;

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void start() {
        test = new TestStack(directory);
    }

    @AfterAll
    static void stop() {
        test.close();
    }

    @Test
    void aSecondStartGoesOnWhereTheFirstOneStopped() throws IOException {
        write("a.jsonl", "on-a", 100);
        write("b.jsonl", "on-b", 100);

        IngestReport first = run("go-on", 130);
        IngestReport second = run("go-on", 170);
        IngestReport third = run("go-on", Long.MAX_VALUE);
        IngestReport fourth = run("go-on", Long.MAX_VALUE);

        assertThat(first.accepted()).isEqualTo(130);
        assertThat(second.accepted()).isEqualTo(40);
        assertThat(second.inputsReadBefore()).isEqualTo(1);
        assertThat(second.inputsGoneOn()).isEqualTo(1);
        assertThat(third.accepted()).isEqualTo(30);
        assertThat(fourth.accepted()).isZero();
        assertThat(fourth.inputsReadBefore()).isEqualTo(2);
        assertThat(fourth.acceptedBefore()).isEqualTo(200);
        assertThat(published("on-"))
                .hasSize(200)
                .allSatisfy((id, count) -> assertThat(count).isEqualTo(1));
        Map<String, IngestPosition> positions =
                new JobTopic(cluster(), topics()).read().get("go-on");
        assertThat(positions).hasSize(2).allSatisfy((input, position) -> {
            assertThat(position.getState()).isEqualTo("done");
            assertThat(position.getAccepted()).isEqualTo(100);
        });
    }

    @Test
    void aFileThatWasChangedIsReadAnewAndANewOneToo() throws IOException {
        write("a.jsonl", "changed-a", 10);
        assertThat(run("changed", Long.MAX_VALUE).accepted()).isEqualTo(10);

        write("a.jsonl", "changed-a", 15);
        write("b.jsonl", "changed-b", 5);
        IngestReport report = run("changed", Long.MAX_VALUE);

        assertThat(report.accepted()).isEqualTo(20);
        assertThat(report.notes())
                .singleElement()
                .asString()
                .endsWith("a.jsonl: was changed since it was read, and is read anew");
    }

    @Test
    void everythingCanBeReadAgain() throws IOException {
        write("a.jsonl", "again", 10);
        write("c.jsonl", "again-c", 10);
        run("again", Long.MAX_VALUE);
        Files.delete(folder.resolve("c.jsonl"));

        write("b.jsonl", "again-b", 10);
        try (Ingest ingest = Ingest.job(cluster(), topics(), SETTINGS, new Job("again", "other"), true)) {
            ingest.read(inputs().getFirst(), IngestProgress.NONE);
            assertThat(ingest.flush().accepted()).isEqualTo(10);
        }

        // What was read in another way is forgotten.
        try (Ingest ingest = Ingest.job(cluster(), topics(), SETTINGS, new Job("again", "other"), false)) {
            inputs().forEach(input -> ingest.read(input, IngestProgress.NONE));
            IngestReport report = ingest.flush();
            assertThat(report.accepted()).isEqualTo(10);
            assertThat(report.inputsReadBefore()).isEqualTo(1);
        }
    }

    @Test
    void otherSettingsAreAnotherJob() throws IOException {
        write("a.jsonl", "settings", 10);
        run("settings", Long.MAX_VALUE);

        assertThatThrownBy(() -> Ingest.job(cluster(), topics(), SETTINGS, new Job("settings", "other"), false))
                .isInstanceOf(IngestException.class)
                .hasMessage(
                        "job settings was begun with other settings (fields, source, format, long texts or sampling): give the"
                                + " same ones, another --job, or --again to read everything anew");
    }

    @Test
    void theNewerOfTwoStartsHasTheJob() throws IOException {
        write("a.jsonl", "fenced", 10);
        try (Ingest older = Ingest.job(cluster(), topics(), SETTINGS, new Job("fenced", "s"), false)) {
            assertThat(run("fenced", Long.MAX_VALUE).accepted()).isEqualTo(10);

            assertThatThrownBy(() -> {
                        older.read(inputs().getFirst(), IngestProgress.NONE);
                        older.flush();
                    })
                    .isInstanceOf(IngestException.class)
                    .hasMessageStartingWith("job fenced was taken over by another ingest");
        }
        assertThat(published("fenced"))
                .hasSize(10)
                .allSatisfy((id, count) -> assertThat(count).isEqualTo(1));
    }

    @Test
    void whatWasNotCommittedIsNotThere() throws IOException {
        write("a.jsonl", "aborted", 5000);
        try (Ingest ingest = Ingest.job(cluster(), topics(), SETTINGS, new Job("aborted", "s"), false)) {
            ingest.atMost(3000).read(inputs().getFirst(), IngestProgress.NONE);
            // Closed without a flush.
        }
        long before = published("aborted").size();

        long accepted = run("aborted", Long.MAX_VALUE).accepted();

        assertThat(before + accepted).isEqualTo(5000);
        assertThat(published("aborted"))
                .hasSize(5000)
                .allSatisfy((id, count) -> assertThat(count).isEqualTo(1));
    }

    @Test
    void aSampleIsTheSameEachTime() throws IOException {
        write("a.jsonl", "sampled", 2000);
        long[] accepted = new long[3];
        double[] rates = {0.1, 0.3, 0.3};
        for (int i = 0; i < rates.length; i++) {
            try (Ingest ingest = Ingest.job(cluster(), topics(), SETTINGS, new Job("sampled-" + i, "s"), false)) {
                ingest.sampling(new Sample(rates[i])).read(inputs().getFirst(), IngestProgress.NONE);
                IngestReport report = ingest.flush();
                accepted[i] = report.accepted();
                assertThat(report.leftOut()).isEqualTo(Map.of("not in the sample", 2000 - report.accepted()));
            }
        }

        assertThat(accepted[0]).isBetween(150L, 250L);
        assertThat(accepted[1]).isBetween(530L, 670L).isEqualTo(accepted[2]);
        Map<String, Integer> all = published("sampled");
        assertThat(all).hasSize((int) accepted[1]);
        assertThat(all.values().stream().filter(count -> count == 3).count()).isEqualTo(accepted[0]);
    }

    /// The end of a transaction takes an offset, and so does what was given up with one.
    @Test
    void aBoundedRunOpensBehindTheEndOfATransaction() throws IOException {
        for (int round = 0; round < 6; round++) {
            write("a.jsonl", "trailing-" + round, 50);
            run("trailing-" + round, Long.MAX_VALUE);
            if (round % 3 == 0) {
                giveUpATransaction(round);
            }

            test.client().openRun("trailing-" + round, TestStack.bounded(1, 1).build());

            try (KafkaHistory history = test.history()) {
                CorpusStats.Documents documents = CorpusStats.of(history).documents();
                assertThat(documents.pending()).isZero();
                assertThat(documents.accepted()).isEqualTo(documents.decomposed() + documents.rejected());
            }
        }
    }

    private static void giveUpATransaction(int round) {
        try (Producer<byte[], byte[]> producer =
                cluster().producer(Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "given-up-" + round))) {
            producer.initTransactions();
            producer.beginTransaction();
            for (int partition = 0; partition < TestStack.PARTITIONS; partition++) {
                var _ = producer.send(
                        new ProducerRecord<>(topics().documents(), partition, new byte[] {1}, new byte[] {1}));
            }
            producer.flush();
            producer.abortTransaction();
        }
    }

    private void write(String name, String id, int documents) throws IOException {
        List<String> lines = IntStream.range(0, documents)
                .mapToObj(i -> "{\"id\": \"" + id + "-" + i
                        + "\", \"text\": \"a document that is long enough for a row " + i + "\"}")
                .toList();
        Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
    }

    private IngestReport run(String job, long limit) {
        try (Ingest ingest = Ingest.job(cluster(), topics(), SETTINGS, new Job(job, "s"), false)) {
            ingest.atMost(limit);
            for (Input input : inputs()) {
                ingest.read(input, IngestProgress.NONE);
            }
            return ingest.flush();
        }
    }

    private List<Input> inputs() {
        return Inputs.of(List.of(folder.toString()), InputStream.nullInputStream())
                .inputs();
    }

    /// How often each id that begins so stands on the documents topic.
    private static Map<String, Integer> published(String prefix) {
        return published(cluster(), topics(), prefix);
    }

    static Map<String, Integer> published(Cluster cluster, Topics topics, String prefix) {
        Map<String, Integer> counts = new TreeMap<>();
        List<TopicPartition> partitions = IntStream.range(0, TestStack.PARTITIONS)
                .mapToObj(partition -> new TopicPartition(topics.documents(), partition))
                .toList();
        try (Consumer<byte[], byte[]> consumer = cluster.consumer(Map.of())) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(at -> consumer.position(at) < ends.get(at))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    String id = Codecs.DOCUMENT.decode(record.value()).getId();
                    if (id.startsWith(prefix)) {
                        counts.merge(id, 1, Integer::sum);
                    }
                }
            }
        } catch (UnreadableRecordException e) {
            throw new AssertionError("a record that is no document", e);
        }
        return counts;
    }

    private static Cluster cluster() {
        return test.stack().cluster();
    }

    private static Topics topics() {
        return test.stack().corpus().topics();
    }
}
