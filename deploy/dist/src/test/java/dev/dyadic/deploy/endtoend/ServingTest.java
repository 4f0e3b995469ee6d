package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.dyadic.decomposer.decompose.Decomposition;
import dev.dyadic.decomposer.decompose.Piece;
import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.decomposer.tokenize.Tokens;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Split;
import dev.dyadic.sampler.Sampler;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.client.SamplerClientException;
import dev.dyadic.v1.SamplerGrpc;
import dev.dyadic.v1.SamplerProto;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.GetBatchesRequest;
import dev.dyadic.v1.SamplerProto.GetBatchesResponse;
import dev.dyadic.v1.SamplerProto.Position;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.RunSpec;
import dev.dyadic.v1.SamplerProto.StreamBatchesRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The same step, the same bytes: on a real broker, through real samplers.
class ServingTest {
    private static final List<Texts.Text> TEXTS = Texts.make("doc-", 300, 1);

    @TempDir
    private static Path directory = Path.of("");

    private static TestStack test = null;

    @BeforeAll
    static void publish() {
        test = new TestStack(directory.resolve("stack"));
        Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), TEXTS);
    }

    @AfterAll
    static void stop() {
        test.close();
    }

    @Test
    void everyReplicaServesTheSameBytesAlsoAfterRestarts() {
        RunDescription run =
                test.client().openRun("replicas", TestStack.bounded(3, 2).build());
        List<Batch> batches = all(test.client(), run);
        assertThat(run.getTotalSteps()).isGreaterThan(20);

        Path rows = directory.resolve("replica");
        try (Sampler replica = test.replica(rows);
                SamplerClient client = clientOf(replica)) {
            assertThat(all(client, run)).isEqualTo(batches);
        }
        try (Sampler withDisk = test.replica(rows);
                SamplerClient client = clientOf(withDisk)) {
            assertThat(all(client, run)).isEqualTo(batches);
        }
        try (Sampler withoutDisk = test.replica(directory.resolve("replica-2"));
                SamplerClient client = clientOf(withoutDisk)) {
            assertThat(all(client, run)).isEqualTo(batches);
        }
    }

    @Test
    void anySlicingGivesTheSameStep() {
        RunDescription run =
                test.client().openRun("slices", TestStack.bounded(1, 1).build());

        for (long step = 0; step < run.getTotalSteps(); step++) {
            Batch whole = TestStack.get(test.client(), "slices", step);
            assertThat(whole.getRows() * whole.getLength()).isEqualTo((int) TestStack.TOKENS_PER_STEP);
            for (int world : new int[] {1, 2, 3, 7}) {
                ByteString tokens = ByteString.EMPTY;
                long digest = 0;
                for (int rank = 0; rank < world; rank++) {
                    Batch slice = test.client()
                            .getBatch(GetBatchRequest.newBuilder()
                                    .setRun("slices")
                                    .setStep(step)
                                    .setRank(rank)
                                    .setWorld(world)
                                    .build());
                    tokens = tokens.concat(slice.getTokens());
                    digest += slice.getDigest();
                }
                assertThat(tokens).isEqualTo(whole.getTokens());
                assertThat(digest).isEqualTo(whole.getDigest());
            }
        }
    }

    @Test
    void rowsArePiecesOfTheDocumentsEachServedOnceInAPass() {
        RunDescription run =
                test.client().openRun("pieces", TestStack.bounded(2, 1).build());
        Map<ByteString, Integer> expected = pieces(Split.TRAIN);
        int served = 0;

        for (Batch batch : all(test.client(), run)) {
            int rowBytes = batch.getRowTokens() * batch.getTokenWidth();
            for (int row = 0; row < batch.getRows(); row++) {
                ByteString bytes = batch.getTokens().substring(row * rowBytes, (row + 1) * rowBytes);
                assertThat(expected.merge(bytes, -1, Integer::sum)).isNotNegative();
                served++;
            }
        }

        int left = expected.values().stream().mapToInt(Integer::intValue).sum();
        int perStep = IntStream.rangeClosed(TestStack.BUCKETS.minLog2(), TestStack.BUCKETS.maxLog2())
                .map(bucket -> (int) (TestStack.TOKENS_PER_STEP >> bucket) - 1)
                .sum();
        assertThat(served).isPositive();
        assertThat(left).isBetween(0, perStep);
    }

    @Test
    void holdoutIsARunOfItsOwn() {
        RunSpec spec = TestStack.bounded(1, 1)
                .setSplit(SamplerProto.Split.SPLIT_HOLDOUT)
                .build();
        RunDescription run = test.client().openRun("holdout", spec);
        Map<ByteString, Integer> expected = pieces(Split.HOLDOUT);

        for (Batch batch : all(test.client(), run)) {
            int rowBytes = batch.getRowTokens() * batch.getTokenWidth();
            assertThat(expected).containsKey(batch.getTokens().substring(0, rowBytes));
        }
    }

    @Test
    void streamsPushTheSameBatchesAndEnd() {
        RunDescription run =
                test.client().openRun("stream", TestStack.bounded(1, 1).build());
        List<Batch> pulled = all(test.client(), run);
        ManagedChannel channel = NettyChannelBuilder.forTarget(test.stack().samplerAddress())
                .usePlaintext()
                .build();
        try {
            Iterator<Batch> stream = SamplerGrpc.newBlockingStub(channel)
                    .streamBatches(
                            StreamBatchesRequest.newBuilder().setRun("stream").build());
            List<Batch> pushed = new ArrayList<>();
            stream.forEachRemaining(pushed::add);

            assertThat(pushed).isEqualTo(pulled);
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void severalStepsComeInOneAnswer() {
        RunDescription run =
                test.client().openRun("several", TestStack.bounded(1, 1).build());
        List<Batch> batches = all(test.client(), run);
        int total = (int) run.getTotalSteps();
        ManagedChannel channel = NettyChannelBuilder.forTarget(test.stack().samplerAddress())
                .usePlaintext()
                .build();
        try {
            SamplerGrpc.SamplerBlockingStub stub = SamplerGrpc.newBlockingStub(channel);
            GetBatchesResponse answer = stub.getBatches(GetBatchesRequest.newBuilder()
                    .setRun("several")
                    .setStep(1)
                    .setSteps(4)
                    .setAhead(1024)
                    .addAllWhole(List.of(0, 2, 3))
                    .build());

            assertThat(answer.getRunId()).isEqualTo(run.getRunId());
            assertThat(answer.getLengthsList())
                    .isEqualTo(batches.subList(1, total).stream()
                            .map(Batch::getLength)
                            .toList());
            assertThat(answer.getManifestDigest()).isEqualTo(batches.get(4).getManifestDigest());
            assertThat(answer.getBatchesList()).containsExactly(batches.get(1), batches.get(3), batches.get(4));

            GetBatchesRequest.Builder wrong =
                    GetBatchesRequest.newBuilder().setRun("several").setSteps(4);
            assertThatThrownBy(() -> stub.getBatches(wrong.clone().addWhole(4).build()))
                    .hasMessageContaining("whole must name steps of the 4, from 0, ascending, but was [4]");
            assertThatThrownBy(() -> stub.getBatches(
                            wrong.clone().addWhole(1).addWhole(1).build()))
                    .hasMessageContaining("but was [1, 1]");
            assertThatThrownBy(() -> stub.getBatches(wrong.clone().setSteps(0).build()))
                    .hasMessageContaining("steps must be within [1, 1024], but was 0");
            assertThatThrownBy(
                            () -> stub.getBatches(wrong.clone().setAhead(65_537).build()))
                    .hasMessageContaining("ahead must be within [0, 65536], but was 65537");
            assertThatThrownBy(() ->
                            stub.getBatches(wrong.clone().setStep(total - 3).build()))
                    .hasMessageContaining("step " + total + " does not exist");
            Position.Builder third = Position.newBuilder()
                    .setRunId(run.getRunId())
                    .setStep(2)
                    .setManifestDigest(batches.get(2).getManifestDigest());
            assertThat(stub.getBatches(wrong.clone().setStep(3).setResume(third).build())
                            .getLengthsList())
                    .hasSize(4);
            assertThatThrownBy(() -> stub.getBatches(
                            wrong.clone().setStep(4).setResume(third).build()))
                    .hasMessageContaining("continues with 3, but step 4 was asked for");
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void aCheckpointContinuesWithTheNextStepOrIsRefused() {
        RunDescription run =
                test.client().openRun("resume", TestStack.bounded(2, 1).build());
        Batch before = TestStack.get(test.client(), "resume", 4);
        Position position = Position.newBuilder()
                .setRunId(run.getRunId())
                .setStep(4)
                .setManifestDigest(before.getManifestDigest())
                .build();
        GetBatchRequest next = GetBatchRequest.newBuilder()
                .setRun("resume")
                .setStep(5)
                .setResume(position)
                .build();

        assertThat(test.client().getBatch(next)).isEqualTo(TestStack.get(test.client(), "resume", 5));
        test.client().commit("resume", position);
        assertThat(test.client().describeRun("resume").getCommitted()).isEqualTo(position);

        Position foreign = position.toBuilder().setRunId(run.getRunId() + 1).build();
        assertRefused(
                () -> test.client().getBatch(next.toBuilder().setResume(foreign).build()),
                Status.Code.FAILED_PRECONDITION,
                "the checkpoint is of run id");
        Position altered = position.toBuilder()
                .setManifestDigest(ByteString.copyFrom(new byte[32]))
                .build();
        assertRefused(
                () -> test.client().getBatch(next.toBuilder().setResume(altered).build()),
                Status.Code.FAILED_PRECONDITION,
                "names manifest 0000");
        assertRefused(
                () -> test.client().commit("resume", altered), Status.Code.FAILED_PRECONDITION, "names manifest 0000");
        assertRefused(
                () -> test.client().getBatch(next.toBuilder().setStep(9).build()),
                Status.Code.INVALID_ARGUMENT,
                "continues with 5, but step 9 was asked for");
    }

    @Test
    void wrongRequestsSayWhatWouldBeRight() {
        RunDescription run =
                test.client().openRun("wrong", TestStack.bounded(1, 1).build());
        GetBatchRequest request =
                GetBatchRequest.newBuilder().setRun("wrong").setStep(0).build();

        assertRefused(
                () -> TestStack.get(test.client(), "nobody", 0),
                Status.Code.NOT_FOUND,
                "there is no run 'nobody'; open it first");
        assertRefused(
                () -> TestStack.get(test.client(), "wrong", run.getTotalSteps()),
                Status.Code.OUT_OF_RANGE,
                "is bounded and has " + run.getTotalSteps() + " steps");
        assertRefused(
                () -> test.client()
                        .getBatch(
                                request.toBuilder().setFirstRow(0).setRows(9999).build()),
                Status.Code.INVALID_ARGUMENT,
                "rows must lie within [0, ");
        assertRefused(
                () -> test.client()
                        .getBatch(request.toBuilder().setRank(2).setWorld(2).build()),
                Status.Code.INVALID_ARGUMENT,
                "rank must satisfy 0 <= rank < world, but was rank=2, world=2");
        assertRefused(
                () -> test.client().openRun("wrong", TestStack.bounded(2, 1).build()),
                Status.Code.FAILED_PRECONDITION,
                "run wrong is there with another spec: extent:");
        assertRefused(
                () -> test.client()
                        .openRun(
                                "odd",
                                TestStack.bounded(1, 1).setTokensPerStep(1000).build()),
                Status.Code.INVALID_ARGUMENT,
                "tokens-per-step must be a multiple of the longest length 256");
        assertRefused(
                () -> test.client()
                        .openRun(
                                "long",
                                TestStack.bounded(1, 1).setMaxLength(512).build()),
                Status.Code.INVALID_ARGUMENT,
                "lengths must be within the corpus's 32..256, but were 32..512");
        assertRefused(
                () -> test.client()
                        .openRun("name with spaces", TestStack.bounded(1, 1).build()),
                Status.Code.INVALID_ARGUMENT,
                "a run's name must be");
        assertThat(test.client().openRun("wrong", TestStack.bounded(1, 1).build()))
                .isEqualTo(run);
    }

    private static List<Batch> all(SamplerClient client, RunDescription run) {
        List<Batch> batches = new ArrayList<>();
        for (long step = 0; step < run.getTotalSteps(); step++) {
            batches.add(TestStack.get(client, run.getName(), step));
        }
        return batches;
    }

    private static SamplerClient clientOf(Sampler sampler) {
        return new SamplerClient(sampler.address(), 30_000);
    }

    /// Every piece of the documents of a split, and how often it occurs.
    private static Map<ByteString, Integer> pieces(Split split) {
        CorpusSettings settings = test.stack().corpus().settings();
        Decomposition decomposition =
                new Decomposition(settings.buckets(), settings.layout(), settings.longDocuments());
        Map<ByteString, Integer> pieces = new HashMap<>();
        for (Texts.Text text : TEXTS) {
            if (settings.splitOf(text.id()) == split) {
                Tokens tokens = Tokenizers.named("bytes").encode(text.text());
                for (Piece piece : decomposition.pieces(tokens.length(), 0)) {
                    pieces.merge(ByteString.copyFrom(tokens.toBytes(piece.start(), piece.end(), 2)), 1, Integer::sum);
                }
            }
        }
        return pieces;
    }

    private static void assertRefused(Runnable call, Status.Code code, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        SamplerClientException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }
}
