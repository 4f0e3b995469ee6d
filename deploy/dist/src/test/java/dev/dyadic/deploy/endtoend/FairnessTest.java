package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.dyadic.proto.rpc.AccessSettings;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.sampler.Sampler;
import dev.dyadic.sampler.SamplerLimits;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerGrpc;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.ExplainResponse;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.Position;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.StreamBatchesRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that do not read, that wait, or that ask much, keep nobody else from an answer.
class FairnessTest {
    private static final int CLIENTS = 300;
    private static final int CONNECTIONS = 2;
    private static final long MAX_UNREAD_MILLIS = 500;
    private static final long PATIENCE_SECONDS = 60;

    private final List<ManagedChannel> channels = new ArrayList<>();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final TestStack test;
    private final Sampler sampler;

    FairnessTest(@TempDir Path directory) {
        test = new TestStack(directory.resolve("stack"));
        SamplerLimits standard = SamplerLimits.DEFAULT;
        SamplerLimits limits = new SamplerLimits(
                standard.maxCalls(),
                standard.maxParkMillis(),
                standard.maxSliceBytes(),
                standard.maxInFlightBytes(),
                standard.cacheBytes(),
                0,
                MAX_UNREAD_MILLIS);
        ListenSettings listen = new ListenSettings(
                "127.0.0.1",
                0,
                Optional.empty(),
                AccessSettings.OFF,
                ListenSettings.Plaintext.ON_LOOPBACK,
                64,
                CLIENTS,
                Optional.empty());
        sampler = Sampler.start(
                test.stack().cluster(),
                test.stack().corpus(),
                new Sampler.Settings(directory.resolve("replica"), listen, 1, "replica", limits),
                InstantSource.system(),
                registry);
    }

    @BeforeEach
    void openRuns() {
        Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), Texts.make("a-", 1500, 1));
        for (int i = 0; i < CONNECTIONS; i++) {
            channels.add(NettyChannelBuilder.forTarget(sampler.address())
                    .usePlaintext()
                    .flowControlWindow(65_535)
                    .build());
        }
        try (SamplerClient client = client()) {
            client.openRun("run", TestStack.bounded(1, 1).build());
            client.openRun("starved", TestStack.live(1_000_000).build());
        }
    }

    @AfterEach
    void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        sampler.close();
        test.close();
    }

    @Test
    void streamsThatNobodyReadsKeepNobodyOutAndAreEnded() throws Exception {
        List<Unread<StreamBatchesRequest, Batch>> streams = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            streams.add(new Unread<>(
                    channels.get(i % CONNECTIONS),
                    SamplerGrpc.getStreamBatchesMethod(),
                    StreamBatchesRequest.newBuilder().setRun("run").build()));
        }
        awaitOpen(CLIENTS);

        everythingIsAnswered("beside-streams");

        TimeUnit.MILLISECONDS.sleep(2 * MAX_UNREAD_MILLIS);
        boolean someWereEnded = false;
        for (Unread<StreamBatchesRequest, Batch> stream : streams) {
            Status status = stream.readToTheEnd().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!status.isOk()) {
                assertThat(status.getCode()).isIn(Status.Code.UNAVAILABLE, Status.Code.RESOURCE_EXHAUSTED);
                assertThat(status.getDescription()).containsAnyOf("nobody has read this stream", "are on their way");
                someWereEnded |= status.getCode() == Status.Code.UNAVAILABLE;
            }
        }
        assertThat(someWereEnded).isTrue();
    }

    @Test
    void callsThatWaitForOneRunKeepNobodyFromAnother() throws Exception {
        List<Unread<GetBatchRequest, Batch>> waiting = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            waiting.add(new Unread<>(
                    channels.get(i % CONNECTIONS),
                    SamplerGrpc.getGetBatchMethod(),
                    GetBatchRequest.newBuilder().setRun("starved").build()));
        }
        awaitOpen(CLIENTS);

        everythingIsAnswered("beside-calls");

        assertThat(waiting).noneMatch(call -> call.ended.isDone());
    }

    @Test
    void manyMayExplainAtOnce() throws Exception {
        try (SamplerClient client = client();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<ExplainResponse>> answers = new ArrayList<>();
            for (int step = 0; step < 16; step++) {
                int at = step;
                answers.add(callers.submit(() -> client.explain("run", at, 0, 0)));
            }
            for (Future<ExplainResponse> answer : answers) {
                assertThat(answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS).getSequencesCount())
                        .isPositive();
            }
        }
    }

    /// By a client that does not wait: whatever it is refused, fails the test.
    private void everythingIsAnswered(String newRun) {
        try (SamplerClient client = client()) {
            Batch batch = TestStack.get(client, "run", 0);
            client.commit(
                    "run",
                    Position.newBuilder()
                            .setRunId(batch.getRunId())
                            .setStep(0)
                            .setManifestDigest(batch.getManifestDigest())
                            .build());
            RunDescription opened =
                    client.openRun(newRun, TestStack.bounded(1, 1).build());
            for (long step = 0; step < opened.getStepsPlanned(); step++) {
                ByteString tokens = TestStack.get(client, newRun, step).getTokens();
                assertThat(tokens).isEqualTo(TestStack.get(client, "run", step).getTokens());
            }
            assertThat(client.listRuns()).hasSizeGreaterThanOrEqualTo(3);
        }
    }

    private void awaitOpen(int calls) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (openCalls() < calls) {
            assertThat(System.nanoTime()).as("%d calls are open", openCalls()).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private int openCalls() {
        return (int) registry.get("dyadic.calls").gauge().value();
    }

    private SamplerClient client() {
        return new SamplerClient(sampler.address(), 0);
    }

    /// A call whose answers are not read until they are asked for.
    private static final class Unread<Q, A> {
        final CompletableFuture<Status> ended = new CompletableFuture<>();
        private final ClientCall<Q, A> call;

        Unread(ManagedChannel channel, MethodDescriptor<Q, A> method, Q request) {
            call = channel.newCall(method, CallOptions.DEFAULT);
            call.start(
                    new ClientCall.Listener<>() {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            ended.complete(status);
                        }
                    },
                    new Metadata());
            call.sendMessage(request);
            call.halfClose();
        }

        CompletableFuture<Status> readToTheEnd() {
            call.request(Integer.MAX_VALUE);
            return ended;
        }
    }
}
