package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.decomposer.decompose.Decomposition;
import dev.dyadic.decomposer.pipeline.TextRows;
import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.deploy.audit.Audit;
import dev.dyadic.deploy.audit.AuditReport;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.sampler.Sampler;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.client.SamplerClientException;
import dev.dyadic.v1.SamplerProto.AmendRunRequest;
import dev.dyadic.v1.SamplerProto.AmendRunResponse;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.Content;
import dev.dyadic.v1.SamplerProto.Contents;
import dev.dyadic.v1.SamplerProto.ExplainResponse;
import dev.dyadic.v1.SamplerProto.ForkRunRequest;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.Mixture;
import dev.dyadic.v1.SamplerProto.Position;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.RunPool;
import dev.dyadic.v1.SamplerProto.Sequence;
import dev.dyadic.v1.SamplerProto.TraceRequest;
import dev.dyadic.v1.SamplerProto.TraceResponse;
import dev.dyadic.v1.SamplerProto.TracedSequence;
import dev.dyadic.v1.SamplerProto.Use;
import io.grpc.Status;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs with weights, amended, forked and closed; and the way from steps to documents and back.
class RunChangesTest {
    private static final int DOCUMENTS = 400;

    @TempDir
    private static Path directory = Path.of("");

    private static List<Texts.Text> texts = List.of();
    private static TestStack test = null;

    @BeforeAll
    static void start() {
        test = new TestStack(directory.resolve("stack"));
        texts = Texts.make("doc-", DOCUMENTS, 11);
        Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), texts);
        test.client().openRun("all", TestStack.bounded(1, 1).build());
    }

    @AfterAll
    static void stop() {
        test.close();
    }

    @Test
    void sourceWeightsHoldInEveryCycleAndWhatIsHeldBackIsShed() {
        Mixture mixture = Mixture.newBuilder()
                .putSources("code", 1)
                .putSources("web", 1)
                .setBacklogTokens(2048)
                .build();
        test.client().openRun("mixed", TestStack.live(8).setMixture(mixture).build());

        long code = 0;
        long all = 0;
        for (long step = 0; step < 16; step++) {
            for (Sequence sequence : explain("mixed", step).getSequencesList()) {
                all += sequence.getLength();
                code += sequence.getSource().equals("code") ? sequence.getLength() : 0;
            }
        }

        assertThat((double) code / all).isBetween(0.44, 0.56);
        RunDescription run = test.client().describeRun("mixed");
        long shed = run.getPoolsList().stream().mapToLong(RunPool::getShed).sum();
        assertThat(shed).isPositive();
        assertThat(run.getPoolsList())
                .allSatisfy(pool ->
                        assertThat(pool.getAdmitted()).isEqualTo(pool.getDealt() + pool.getPending() + pool.getShed()))
                .allSatisfy(
                        pool -> assertThat(pool.getPending() * pool.getLength()).isLessThanOrEqualTo(2048));
        assertThat(audit("mixed").ok()).isTrue();
    }

    @Test
    void lengthWeightsOfABoundedRunThinItsDecks() {
        RunDescription even = test.client()
                .openRun(
                        "even",
                        TestStack.bounded(1, 1)
                                .setMixture(Mixture.newBuilder().addAllLengths(List.of(1L, 1L, 1L, 1L)))
                                .build());

        long[] steps = new long[4];
        for (long step = 0; step < even.getTotalSteps(); step++) {
            steps[
                    Integer.numberOfTrailingZeros(
                                    TestStack.get(test.client(), "even", step).getLength())
                            - 5]++;
        }

        for (long count : steps) {
            assertThat(count).isBetween(steps[0] - 1, steps[0] + 1);
        }
        assertThat(test.client().describeRun("even").getPoolsList().stream()
                        .mapToLong(RunPool::getShed)
                        .sum())
                .isPositive();
        assertThat(audit("even").ok()).isTrue();
    }

    @Test
    void anAmendmentTakesEffectInTheCycleThatItNames() {
        test.client().openRun("amended", TestStack.live(6).build());
        List<Batch> before = new ArrayList<>();
        for (long step = 0; step < 6; step++) {
            before.add(TestStack.get(test.client(), "amended", step));
        }

        AmendRunResponse response = test.client()
                .amendRun(AmendRunRequest.newBuilder()
                        .setRun("amended")
                        .setMixture(Mixture.newBuilder().putSources("code", 1))
                        .build());

        assertThat(response.getFirstStep())
                .isEqualTo(response.getRun().getStepsPlanned())
                .isGreaterThanOrEqualTo(6);
        for (long step = 0; step < 6; step++) {
            assertThat(TestStack.get(test.client(), "amended", step)).isEqualTo(before.get((int) step));
        }
        Batch first = TestStack.get(test.client(), "amended", response.getFirstStep());
        assertThat(first.getCycle()).isEqualTo(response.getCycle());
        for (long step = response.getFirstStep(); step < response.getFirstStep() + 6; step++) {
            assertThat(explain("amended", step).getSequencesList())
                    .allSatisfy(sequence -> assertThat(sequence.getSource()).isEqualTo("code"));
        }
        assertThat(response.getRun().getSpec().hasMixture()).isFalse();
        assertThat(response.getRun().getInForce().getMixture().getSourcesMap()).containsEntry("code", 1L);
        assertThat(audit("amended").ok()).isTrue();
    }

    @Test
    void aForkHasTheParentsStepsSkipsSomeAndServesTheRestInItsOwnOrder() {
        RunDescription parent =
                test.client().openRun("parent", TestStack.bounded(3, 1).build());
        long total = parent.getTotalSteps();
        ForkRunRequest request = ForkRunRequest.newBuilder()
                .setName("fork")
                .setParent("parent")
                .setStep(5)
                .setSkip(2)
                .setSeed(99)
                .setCurriculum("shrink-p100")
                .build();

        RunDescription fork = test.client().forkRun(request);

        assertThat(test.client().forkRun(request).getRunId()).isEqualTo(fork.getRunId());
        for (long step = 0; step < 5; step++) {
            Batch inherited = TestStack.get(test.client(), "fork", step);
            assertThat(inherited.getTokens())
                    .isEqualTo(TestStack.get(test.client(), "parent", step).getTokens());
        }
        List<Long> ofParent = offsets("parent", 0, 5);
        ofParent.addAll(offsets("parent", 7, total));
        List<Long> ofFork = offsets("fork", 0, total - 2);
        assertThat(ofFork).containsExactlyInAnyOrderElementsOf(ofParent).isNotEqualTo(ofParent);
        assertThat(test.client().describeRun("fork").getTotalSteps()).isEqualTo(total - 2);
        assertThat(test.client().describeRun("parent").getForksList()).containsExactly("fork");
        assertThat(audit("fork").ok()).isTrue();

        Position checkpoint = Position.newBuilder()
                .setRunId(parent.getRunId())
                .setStep(4)
                .setManifestDigest(TestStack.get(test.client(), "parent", 4).getManifestDigest())
                .build();
        Batch resumed = test.client()
                .getBatch(GetBatchRequest.newBuilder()
                        .setRun("fork")
                        .setStep(5)
                        .setResume(checkpoint)
                        .build());
        assertThat(resumed).isEqualTo(TestStack.get(test.client(), "fork", 5));
    }

    @Test
    void forksAndAmendmentsThatCannotBeAreRefused() {
        test.client().openRun("bounded", TestStack.bounded(1, 1).build());

        assertRefused(
                () -> test.client()
                        .forkRun(ForkRunRequest.newBuilder()
                                .setName("late")
                                .setParent("bounded")
                                .setStep(1_000_000)
                                .build()),
                Status.Code.OUT_OF_RANGE,
                "steps planned, but the fork begins at step 1000000");
        assertRefused(
                () -> test.client()
                        .amendRun(AmendRunRequest.newBuilder()
                                .setRun("bounded")
                                .setMixture(Mixture.newBuilder().putSources("code", 1))
                                .build()),
                Status.Code.INVALID_ARGUMENT,
                "the decks of a bounded run are made when it opens");
        assertRefused(
                () -> test.client()
                        .openRun(
                                "weights",
                                TestStack.live(4)
                                        .setMixture(Mixture.newBuilder().putSources("code", 0))
                                        .build()),
                Status.Code.INVALID_ARGUMENT,
                "mixture must give some source a weight above 0");
    }

    @Test
    void aClosedRunServesWhatIsPlannedAndNoMore() {
        test.client().openRun("closed", TestStack.live(4).build());
        Batch first = TestStack.get(test.client(), "closed", 0);

        RunDescription run = test.client().closeRun("closed");

        assertThat(run.getClosed()).isTrue();
        assertThat(TestStack.get(test.client(), "closed", 0)).isEqualTo(first);
        assertRefused(
                () -> TestStack.get(test.client(), "closed", run.getStepsPlanned()),
                Status.Code.OUT_OF_RANGE,
                "run closed is closed and has " + run.getStepsPlanned() + " steps");
        assertRefused(
                () -> test.client()
                        .amendRun(AmendRunRequest.newBuilder()
                                .setRun("closed")
                                .setCurriculum("uniform")
                                .build()),
                Status.Code.FAILED_PRECONDITION,
                "run closed is closed");
    }

    @Test
    void aBoundedRunThatIsClosedHasTheStepsThatWerePlanned() {
        RunDescription opened =
                test.client().openRun("cut", TestStack.bounded(3, 2).build());
        TestStack.get(test.client(), "cut", 0);
        long planned = test.client().describeRun("cut").getStepsPlanned();
        assertThat(planned).isPositive().isLessThan(opened.getTotalSteps());
        String sampler = "--sampler=" + test.stack().samplerAddress();

        InProcess.Result unasked = InProcess.run("run", "close", "cut", sampler);
        assertThat(unasked.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(unasked.errors()).contains("Run cut is bounded and has").contains("give --yes");
        assertThat(test.client().describeRun("cut").getClosed()).isFalse();

        InProcess.run("run", "close", "cut", sampler, "--yes", "-o", "json").json();
        RunDescription closed = test.client().describeRun("cut");
        assertThat(closed.getClosed()).isTrue();
        assertThat(closed.getTotalSteps()).isEqualTo(closed.getStepsPlanned());
    }

    @Test
    void stepsLeadToDocumentsAndDocumentsToSteps() {
        RunDescription run =
                test.client().openRun("traced", TestStack.bounded(2, 1).build());
        ExplainResponse explained = explain("traced", 3);
        Batch batch = TestStack.get(test.client(), "traced", 3);
        int width = batch.getTokenWidth();
        int rowBytes = batch.getRowTokens() * width;

        assertThat(explained.getSequencesCount()).isEqualTo(batch.getRows());
        for (int row = 0; row < batch.getRows(); row++) {
            Sequence sequence = explained.getSequences(row);
            assertThat(batch.getTokens()
                            .substring(row * rowBytes, (row + 1) * rowBytes)
                            .toByteArray())
                    .isEqualTo(span(sequence, width));
            int place = row;
            assertThat(usesOf(trace(sequence.getDocumentId()), sequence)).anySatisfy(use -> {
                assertThat(use.getRun()).isEqualTo("traced");
                assertThat(use.getStep()).isEqualTo(3);
                assertThat(use.getRow()).isEqualTo(place);
            });
        }
        assertThat(run.getTotalSteps()).isGreaterThan(3);
    }

    @Test
    void aTextIsFoundWithoutItsId() {
        Texts.Text text = texts.stream()
                .filter(candidate -> candidate.text().length() > 500)
                .findFirst()
                .orElseThrow();
        CorpusSettings settings = test.stack().corpus().settings();
        Decomposition decomposition =
                new Decomposition(settings.buckets(), settings.layout(), settings.longDocuments());
        Contents.Builder contents = Contents.newBuilder();
        for (TextRows.Row row : TextRows.of(Tokenizers.named("bytes"), decomposition, "", text.text())) {
            contents.addContents(
                    Content.newBuilder().setLength(row.bucket().length()).setHash(row.contentHash()));
        }

        TraceResponse response = test.client()
                .trace(TraceRequest.newBuilder().setContents(contents).build());

        assertThat(response.getSequencesList())
                .hasSize(contents.getContentsCount())
                .allSatisfy(traced ->
                        assertThat(traced.getSequence().getDocumentId()).isEqualTo(text.id()));
        assertThat(trace("no-such-document").getSequencesList()).isEmpty();
    }

    @Test
    void damagedRowsAreMendedFromKafka() throws IOException {
        RunDescription run =
                test.client().openRun("damaged", TestStack.bounded(1, 1).build());
        Path rows = directory.resolve("damaged");
        try (Sampler replica = test.replica(rows);
                SamplerClient client = new SamplerClient(replica.address(), 30_000)) {
            TestStack.get(client, "damaged", 0);
            flipEverywhere(rows);

            for (long step = 0; step < run.getTotalSteps(); step++) {
                assertThat(TestStack.get(client, "damaged", step))
                        .isEqualTo(TestStack.get(test.client(), "damaged", step));
            }
        }
    }

    /// One bit in every 97 bytes of the token files, while they are open.
    private static void flipEverywhere(Path rows) throws IOException {
        try (Stream<Path> files = Files.walk(rows)) {
            for (Path file : files.filter(path -> path.getFileName().toString().startsWith("tokens"))
                    .toList()) {
                try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
                    for (long at = 0; at < 5_000; at += 97) {
                        bytes.seek(at);
                        int value = bytes.read();
                        bytes.seek(at);
                        bytes.write(value ^ 4);
                    }
                }
            }
        }
    }

    private List<Long> offsets(String run, long first, long end) {
        List<Long> offsets = new ArrayList<>();
        for (long step = first; step < end; step++) {
            TestStack.get(test.client(), run, step);
            for (Sequence sequence : explain(run, step).getSequencesList()) {
                offsets.add(sequence.getOffset() * 100_000 + sequence.getPartition() * 10_000L + sequence.getLength());
            }
        }
        return offsets;
    }

    private byte[] span(Sequence sequence, int width) {
        Texts.Text text = texts.stream()
                .filter(candidate -> candidate.id().equals(sequence.getDocumentId()))
                .findFirst()
                .orElseThrow();
        byte[] letters = text.text().getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[sequence.getTokens() * width];
        for (int i = 0; i < sequence.getTokens(); i++) {
            int at = sequence.getStart() + i;
            int id = at == letters.length ? 256 : letters[at];
            bytes[i * width] = (byte) id;
            bytes[i * width + 1] = (byte) (id >>> 8);
        }
        return bytes;
    }

    private static List<Use> usesOf(TraceResponse response, Sequence sequence) {
        return response.getSequencesList().stream()
                .filter(traced -> traced.getSequence().equals(sequence))
                .map(TracedSequence::getUsesList)
                .findFirst()
                .orElseThrow();
    }

    private ExplainResponse explain(String run, long step) {
        TestStack.get(test.client(), run, step);
        return test.client().explain(run, step, 0, 0);
    }

    private TraceResponse trace(String documentId) {
        return test.client()
                .trace(TraceRequest.newBuilder().setDocumentId(documentId).build());
    }

    private AuditReport audit(String run) {
        try (KafkaHistory history = test.history()) {
            return Audit.of(
                    history,
                    run,
                    step -> Optional.of(TestStack.get(test.client(), run, step).getDigest()));
        }
    }

    private static void assertRefused(Runnable call, Status.Code code, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        SamplerClientException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }
}
