package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.deploy.audit.Audit;
import dev.dyadic.deploy.audit.AuditReport;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.stats.CorpusStats;
import dev.dyadic.ingest.IngestReport;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.client.SamplerClientException;
import dev.dyadic.v1.SamplerProto.Batch;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Documents arrive while they are served, bad ones among them.
class LiveTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void aLiveRunGoesOnAsDocumentsArriveAndAcrossRestarts() {
        List<Batch> first = new ArrayList<>();
        try (TestStack test = new TestStack(directory)) {
            publish(test, "a-", 120, 1);
            test.client().openRun("live", TestStack.live(8).build());
            for (long step = 0; step < 12; step++) {
                first.add(TestStack.get(test.client(), "live", step));
            }
            try (SamplerClient impatient = new SamplerClient(test.stack().samplerAddress(), 0)) {
                assertThatThrownBy(() -> drain(impatient))
                        .isInstanceOfSatisfying(
                                SamplerClientException.class,
                                e -> assertThat(e.code()).isIn(Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED))
                        .hasMessageContaining("of run live is not planned yet");
                assertThatThrownBy(() -> TestStack.get(impatient, "live", 100_000))
                        .hasMessageContaining("is too far ahead");
            }
        }
        try (TestStack test = new TestStack(directory)) {
            publish(test, "b-", 120, 2);
            long planned = test.client().describeRun("live").getStepsPlanned();

            for (int step = 0; step < 12; step++) {
                assertThat(TestStack.get(test.client(), "live", step)).isEqualTo(first.get(step));
            }
            TestStack.get(test.client(), "live", planned + 8);

            assertThat(audit(test, "live"))
                    .satisfies(
                            report -> assertThat(report.ok()).as("%s", report).isTrue());
        }
    }

    @Test
    void badInputIsRejectedOnceAndItsNeighboursAreServed() throws IOException {
        try (TestStack test = new TestStack(directory)) {
            List<Texts.Text> good = Texts.make("good-", 60, 3);
            ByteArrayOutputStream lines = new ByteArrayOutputStream();
            for (int i = 0; i < good.size(); i++) {
                lines.write((good.get(i).json() + "\n").getBytes(StandardCharsets.UTF_8));
                if (i < BAD_LINES.size()) {
                    lines.write(BAD_LINES.get(i).getBytes(StandardCharsets.ISO_8859_1));
                    lines.write('\n');
                }
            }
            Topics topics = test.stack().corpus().topics();
            String dup = good.getFirst().json();
            lines.write((dup + "\n").getBytes(StandardCharsets.UTF_8));

            IngestReport report = Texts.publish(test.stack().cluster(), topics, lines.toByteArray());
            publishRaw(test, topics);
            test.client().openRun("all", TestStack.bounded(1, 1).build());

            assertThat(report.refusedByReason())
                    .isEqualTo(Map.of(
                            "empty-text", 1L, "not-utf8", 1L, "not-json", 2L, "missing-field", 1L, "wrong-type", 1L));
            try (KafkaHistory history = test.history()) {
                CorpusStats stats = CorpusStats.of(history);
                // Good ones, two odd times, the special token and large headers, against two short ones, a
                // duplicate and five raw ones.
                assertThat(stats.rejectsByReason())
                        .isEqualTo(Map.of(
                                "short", 2L,
                                "duplicate", 1L,
                                "not-avro", 2L,
                                "no-value", 1L,
                                "not-utf8", 1L,
                                "wrong-key", 1L));
                assertThat(stats.documents().decomposed()).isEqualTo(good.size() + 4);
                assertThat(stats.documents().accepted())
                        .isEqualTo(stats.documents().decomposed()
                                + stats.documents().rejected());
                assertThat(stats.documents().bytes())
                        .isEqualTo(stats.documents().bytesDecomposed()
                                + stats.documents().bytesRejected());
                assertThat(stats.tokens().accepted())
                        .isEqualTo(stats.tokens().inSequences() + stats.tokens().tails());
                assertThat(stats.refused()).isEqualTo(report.refusedByReason());
            }
            assertThat(audit(test, "all").ok()).isTrue();
        }
    }

    @Test
    void aBoundedRunOfNothingIsNotOpened() {
        try (TestStack test = new TestStack(directory)) {
            assertThatThrownBy(() -> test.client()
                            .openRun("early", TestStack.bounded(1, 1).build()))
                    .hasMessageContaining("nothing is there yet; ingest documents first");
            publish(test, "a-", 40, 1);

            assertThat(test.client()
                            .openRun("early", TestStack.bounded(1, 1).build())
                            .getTotalSteps())
                    .isPositive();
        }
    }

    @Test
    void aFloodOfSourcesIsRejectedAndTheOthersAreServed() {
        try (TestStack test = new TestStack(directory)) {
            String text = "x".repeat(33);
            List<Texts.Text> flood = IntStream.range(0, 700)
                    .mapToObj(i -> new Texts.Text("flood-" + i, "source-" + i, text))
                    .toList();
            Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), flood);
            publish(test, "late-", 40, 5);
            long steps = test.client()
                    .openRun("all", TestStack.bounded(1, 1).build())
                    .getTotalSteps();

            TestStack.get(test.client(), "all", steps - 1);

            try (KafkaHistory history = test.history()) {
                CorpusStats stats = CorpusStats.of(history);
                assertThat(stats.documents().decomposed()).isEqualTo(2 * Limits.MAX_SOURCES);
                assertThat(stats.rejectsByReason())
                        .isEqualTo(Map.of("too-many-sources", 740L - 2 * Limits.MAX_SOURCES));
            }
            assertThat(audit(test, "all").ok()).isTrue();
        }
    }

    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
    private static final List<String> BAD_LINES = List.of(
            "{\"id\": \"empty\", \"text\": \"\"}",
            "{\"id\": \"latin\", \"text\": \"\u00e9\u00e9\u00e9\u00e9\"}",
            "{\"id\": \"cut\", \"text\": \"abc",
            "no json at all",
            "{\"id\": \"no text\"}",
            "{\"id\": \"number\", \"text\": 12}",
            "{\"id\": 12, \"text\": \"abc\"}",
            "",
            "{\"id\": \"early\", \"time\": -1, \"text\": \"" + LETTERS + "\"}",
            "{\"id\": \"late\", \"time\": 9223372036854775807, \"text\": \"" + LETTERS + "\"}",
            "{\"id\": \"special\", \"text\": \"<|endoftext|>" + LETTERS + "<|endoftext|>\"}",
            "{\"id\": \"short\", \"text\": \"abc\"}");

    /// What other writers may put on the topic.
    private static void publishRaw(TestStack test, Topics topics) {
        byte[] key = "raw".getBytes(StandardCharsets.UTF_8);
        Document broken = Document.newBuilder()
                .setId("raw")
                .setSource("raw")
                .setText(ByteBuffer.wrap(new byte[] {(byte) 0xff, (byte) 0xfe}))
                .setEventTimeMillis(Long.MAX_VALUE)
                .setOriginalEventTimeMillis(null)
                .setAttributes(Map.of())
                .build();
        byte[] encoded = Codecs.DOCUMENT.encode(broken);
        byte[] id = "headers".getBytes(StandardCharsets.UTF_8);
        byte[] sound = Codecs.DOCUMENT.encode(Document.newBuilder()
                .setId("headers")
                .setSource("raw")
                .setText(ByteBuffer.wrap(LETTERS.getBytes(StandardCharsets.UTF_8)))
                .setEventTimeMillis(0)
                .setOriginalEventTimeMillis(null)
                .setAttributes(Map.of())
                .build());
        // Sequences with such headers would be larger than their topic allows.
        Header header = new RecordHeader("large", new byte[3 << 20]);
        Map<String, Object> settings = Map.of(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Limits.MAX_DOCUMENT_RECORD_BYTES);
        try (Producer<byte[], byte[]> producer = test.stack().cluster().producer(settings)) {
            var _ = producer.send(new ProducerRecord<>(topics.documents(), null, id, sound, List.of(header)));
            var _ = producer.send(new ProducerRecord<>(topics.documents(), key, new byte[] {1, 2, 3}));
            var _ = producer.send(new ProducerRecord<>(topics.documents(), key, new byte[0]));
            var _ = producer.send(new ProducerRecord<>(topics.documents(), key, null));
            var _ = producer.send(new ProducerRecord<>(topics.documents(), key, encoded));
            var _ = producer.send(new ProducerRecord<>(topics.documents(), null, encoded));
            producer.flush();
        }
    }

    private static void publish(TestStack test, String prefix, int count, long seed) {
        Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), Texts.make(prefix, count, seed));
    }

    private static void drain(SamplerClient client) {
        for (long step = 0; step < 10_000; step++) {
            TestStack.get(client, "live", step);
        }
    }

    private static AuditReport audit(TestStack test, String run) {
        try (KafkaHistory history = test.history()) {
            return Audit.of(
                    history,
                    run,
                    step -> Optional.of(TestStack.get(test.client(), run, step).getDigest()));
        }
    }

    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void stepsAreExplainedWhileTheTopicsGrow() throws Exception {
        try (TestStack test = new TestStack(directory.resolve("growing"))) {
            Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), Texts.make("first-", 300, 11));
            test.client().openRun("live", TestStack.live(6).build());
            TestStack.get(test.client(), "live", 5);
            AtomicBoolean enough = new AtomicBoolean();
            Thread publishing = Thread.ofPlatform().start(() -> {
                for (int round = 0; !enough.get(); round++) {
                    Texts.publish(
                            test.stack().cluster(),
                            test.stack().corpus().topics(),
                            Texts.make("round-" + round + "-", 50, round));
                }
            });
            try {
                for (int i = 0; i < 200; i++) {
                    assertThat(test.client().explain("live", i % 6, 0, 0).getSequencesCount())
                            .isPositive();
                }
            } finally {
                enough.set(true);
                publishing.join();
            }
        }
    }
}
