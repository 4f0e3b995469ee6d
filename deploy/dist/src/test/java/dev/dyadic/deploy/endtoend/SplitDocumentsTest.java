package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.deploy.audit.Audit;
import dev.dyadic.deploy.commands.Dyadic;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.ingest.Ingest;
import dev.dyadic.ingest.IngestProgress;
import dev.dyadic.ingest.IngestReport;
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
import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.avro.IngestPosition;
import dev.dyadic.v1.SamplerProto;
import dev.dyadic.v1.SamplerProto.Sequence;
import dev.dyadic.v1.SamplerProto.TraceRequest;
import dev.dyadic.v1.SamplerProto.TracedSequence;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Documents that are too long for one record, from a file to the rows of a run.
class SplitDocumentsTest {
    private static final int PART_BYTES = 8 << 10;
    private static final int WHOLES = 40;
    private static final ReadSettings SETTINGS =
            ReadSettings.of(new DocumentRules(Fields.DEFAULT, "test", 1 << 20, PART_BYTES, InstantSource.system()));

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
    void partsGoTogetherFromTheFileToTheRows() throws IOException {
        Map<String, String> texts = write();

        IngestReport report = ingest();
        test.client().openRun("split", TestStack.bounded(1, 1).build());

        assertThat(report.accepted()).isEqualTo(WHOLES + 1);
        assertThat(report.split()).isEqualTo(WHOLES);
        Map<String, List<Document>> published = published();
        published.remove("command");
        assertThat(report.parts())
                .isEqualTo(published.values().stream().mapToInt(List::size).sum() - 1L);
        assertThat(published.keySet()).isEqualTo(texts.keySet());
        published.forEach((whole, parts) -> {
            assertThat(parts.stream().map(SplitDocumentsTest::text).collect(Collectors.joining()))
                    .as(whole)
                    .isEqualTo(texts.get(whole));
            assertThat(parts)
                    .extracting(Document::getPart)
                    .containsExactlyElementsOf(
                            IntStream.range(0, parts.size()).boxed().toList());
            assertThat(parts).allSatisfy(part -> {
                assertThat(part.getParts()).isEqualTo(parts.size());
                assertThat(part.getText().remaining()).isLessThanOrEqualTo(PART_BYTES);
                assertThat(part.getAttributes()).isEqualTo(Map.of("n", "1"));
                assertThat(part.getEventTimeMillis()).isEqualTo(1_700_000_000_000L);
            });
        });
        checkPosition(report);
        checkRows(published);
        try (KafkaHistory history = test.history()) {
            assertThat(Audit.of(history, "split", Audit.Served.nothing()).ok()).isTrue();
        }
    }

    /// With the program's own sizes.
    @Test
    void theCommandSplitsWhereItIsAskedTo() throws IOException {
        String text = "A line of a long document.\\n\\n".repeat(200_000);
        Path file =
                Files.writeString(folder.resolve("long.jsonl"), "{\"id\": \"command\", \"text\": \"" + text + "\"}\n");

        assertThat(command(file)).isEqualTo(1);
        assertThat(published()).doesNotContainKey("command");
        assertThat(command(file, "--too-long", "split")).isZero();
        assertThat(published().get("command"))
                .hasSize(2)
                .allSatisfy(part -> assertThat(part.getText().remaining()).isBetween(2 << 20, 4 << 20));
        assertThat(command(file, "--too-long", "cut")).isEqualTo(2);
    }

    private static int command(Path file, String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                "ingest",
                file.toString(),
                "--kafka",
                test.stack().cluster().bootstrap(),
                "--prefix",
                topics().prefix()));
        arguments.addAll(List.of(options));
        return Dyadic.commandLine().execute(arguments.toArray(new String[0]));
    }

    private static void checkPosition(IngestReport report) {
        IngestPosition position = new JobTopic(test.stack().cluster(), topics())
                .read()
                .getOrDefault("split", Map.of())
                .values()
                .iterator()
                .next();
        assertThat(position.getAccepted()).isEqualTo(WHOLES + 1);
        assertThat(position.getSplit()).isEqualTo(WHOLES);
        assertThat(position.getParts()).isEqualTo(report.parts());
    }

    /// All rows of a whole are of one partition and one split, and are found by its id.
    private static void checkRows(Map<String, List<Document>> published) {
        Set<SamplerProto.Split> splits = new TreeSet<>();
        published.forEach((whole, parts) -> {
            List<Sequence> rows = trace(whole);
            assertThat(rows)
                    .extracting(Sequence::getPartition)
                    .containsOnly(rows.getFirst().getPartition());
            assertThat(rows)
                    .extracting(Sequence::getSplit)
                    .containsOnly(rows.getFirst().getSplit());
            assertThat(rows.stream().map(Sequence::getDocumentId).distinct())
                    .containsExactlyElementsOf(
                            parts.stream().map(Document::getId).toList());
            String last = parts.getLast().getId();
            assertThat(trace(last))
                    .isNotEmpty()
                    .allSatisfy(row -> assertThat(row.getDocumentId()).isEqualTo(last));
            splits.add(rows.getFirst().getSplit());
        });
        assertThat(splits).hasSize(2);
    }

    private static List<Sequence> trace(String id) {
        return test.client().trace(TraceRequest.newBuilder().setDocumentId(id).build()).getSequencesList().stream()
                .map(TracedSequence::getSequence)
                .toList();
    }

    /// Texts of three parts or so, and one of a part.
    private Map<String, String> write() throws IOException {
        Map<String, String> texts = new TreeMap<>();
        StringBuilder lines = new StringBuilder();
        for (int whole = 0; whole <= WHOLES; whole++) {
            String text = IntStream.range(0, whole == 0 ? 10 : 300)
                    .mapToObj(paragraph -> "Paragraph " + paragraph + " has these words, and then those.\n\n")
                    .collect(Collectors.joining());
            texts.put("whole-" + whole, text);
            lines.append("{\"id\": \"whole-%d\", \"time\": 1700000000, \"attributes\": {\"n\": 1}, \"text\": \"%s\"}%n"
                    .formatted(whole, text.replace("\n", "\\n")));
        }
        Files.writeString(folder.resolve("a.jsonl"), lines);
        return texts;
    }

    private IngestReport ingest() {
        try (Ingest ingest = Ingest.job(test.stack().cluster(), topics(), SETTINGS, new Job("split", "s"), false)) {
            for (Input input : Inputs.of(List.of(folder.toString()), InputStream.nullInputStream())
                    .inputs()) {
                ingest.read(input, IngestProgress.NONE);
            }
            return ingest.flush();
        }
    }

    /// What stands on the documents topic, by whole; each whole on one partition.
    private static Map<String, List<Document>> published() {
        Map<String, List<Document>> documents = new TreeMap<>();
        try (KafkaHistory history = test.history()) {
            for (int partition = 0; partition < TestStack.PARTITIONS; partition++) {
                Map<String, List<Document>> here = new TreeMap<>();
                history.read(topics().documents(), partition, (_, _, value) -> {
                    Document document = decode(value.bytes());
                    String whole = document.getWholeId() == null ? document.getId() : document.getWholeId();
                    here.computeIfAbsent(whole, _ -> new ArrayList<>()).add(document);
                });
                here.forEach((whole, parts) -> assertThat(documents.put(whole, parts))
                        .as("%s stands on two partitions", whole)
                        .isNull());
            }
        }
        return documents;
    }

    private static Document decode(byte[] value) {
        try {
            return Codecs.DOCUMENT.decode(value);
        } catch (UnreadableRecordException e) {
            throw new AssertionError(e);
        }
    }

    private static String text(Document document) {
        return StandardCharsets.UTF_8.decode(document.getText().duplicate()).toString();
    }

    private static Topics topics() {
        return test.stack().corpus().topics();
    }
}
