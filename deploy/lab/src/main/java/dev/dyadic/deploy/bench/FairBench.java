package dev.dyadic.deploy.bench;

import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerGrpc;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.Live;
import dev.dyadic.v1.SamplerProto.Position;
import dev.dyadic.v1.SamplerProto.RunSpec;
import dev.dyadic.v1.SamplerProto.StreamBatchesRequest;
import dev.dyadic.v1.SamplerProto.TraceRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// What clients get while others do not read, wait, or ask much: in one run, one after the other, next to what they get
/// alone.
public final class FairBench {
    private static final String RUN = "fair";
    private static final String STARVED = "starved";
    private static final int CLIENTS = 4;
    private static final int OTHERS = 300;
    private static final int CONNECTIONS = 3;
    private static final int TRACES = 32;
    private static final int EXPLAINS = 16;
    private static final int LOOKS = 20;
    private static final int PASSES = 20;
    private static final long SETTLE_MILLIS = 1_000;

    private FairBench() {}

    /// Batches a second, and the slowest in a hundred.
    private record Served(double perSecond, double p99Millis) {}

    /// @param millis of each measurement
    public static List<Figure> run(Optional<Path> file, int copies, int rounds, long millis) {
        try (BenchStack bench = BenchStack.start();
                SamplerClient client = bench.client()) {
            bench.fill(file, copies);
            long steps = bench.open(client, RUN, PASSES).getTotalSteps();
            bench.plan(client, RUN, steps);
            client.openRun(
                    STARVED,
                    RunSpec.newBuilder()
                            .setTokensPerStep(BenchStack.TOKENS_PER_STEP)
                            .setStart("latest")
                            .setLive(Live.newBuilder().setCycleTokens(1 << 24))
                            .build());
            double[][] of = new double[12][rounds];
            for (int round = -1; round < rounds; round++) {
                double[] values = round(bench, client, steps, millis, round);
                for (int i = 0; round >= 0 && i < values.length; i++) {
                    of[i][round] = values[i];
                }
            }
            return List.of(
                    Figure.of(CLIENTS + " clients alone", "batches/s", of[0]),
                    Figure.of("p99 alone", "ms", of[1]),
                    Figure.of("beside " + OTHERS + " streams that nobody reads", "of alone", of[2]),
                    Figure.of("slowest commit there", "ms", of[3]),
                    Figure.of("slowest opening there", "ms", of[4]),
                    Figure.of("slowest batch there", "ms", of[5]),
                    Figure.of("beside " + OTHERS + " calls that wait", "of alone", of[6]),
                    Figure.of("p99 there", "of alone", of[7]),
                    Figure.of("beside " + TRACES + " traces of an unknown id", "of alone", of[8]),
                    Figure.of("from cancelling a trace to its end", "ms", of[9]),
                    Figure.of("one step explained", "ms", of[10]),
                    Figure.of(EXPLAINS + " steps explained at once", "ms", of[11]));
        }
    }

    private static double[] round(BenchStack bench, SamplerClient client, long steps, long millis, int round) {
        Served alone = measure(bench, steps, millis);
        double[] values = new double[12];
        values[0] = alone.perSecond();
        values[1] = alone.p99Millis();
        try (Crowd crowd = new Crowd(bench)) {
            for (int i = 0; i < OTHERS; i++) {
                crowd.call(
                        SamplerGrpc.getStreamBatchesMethod(),
                        StreamBatchesRequest.newBuilder().setRun(RUN).build());
            }
            pause(SETTLE_MILLIS);
            values[2] = measure(bench, steps, millis).perSecond() / alone.perSecond();
            answers(client, values, round);
        }
        try (Crowd crowd = new Crowd(bench)) {
            for (int i = 0; i < OTHERS; i++) {
                crowd.call(
                        SamplerGrpc.getGetBatchMethod(),
                        GetBatchRequest.newBuilder().setRun(STARVED).build());
            }
            pause(SETTLE_MILLIS);
            Served beside = measure(bench, steps, millis);
            values[6] = beside.perSecond() / alone.perSecond();
            values[7] = beside.p99Millis() / alone.p99Millis();
        }
        AtomicBoolean ended = new AtomicBoolean();
        try (ExecutorService traces = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < TRACES; i++) {
                traces.execute(() -> traceOn(bench, ended));
            }
            pause(SETTLE_MILLIS);
            values[8] = measure(bench, steps, millis).perSecond() / alone.perSecond();
            values[9] = cancelled(bench);
            ended.set(true);
        }
        values[10] = explained(bench, 1);
        values[11] = explained(bench, EXPLAINS);
        return values;
    }

    /// The slowest commit, opening and batch of some.
    private static void answers(SamplerClient client, double[] values, int round) {
        for (int i = 0; i < LOOKS; i++) {
            long step = i + (long) (round + 1) * LOOKS;
            String name = "opened-" + (round + 1) + "-" + i;
            long before = System.nanoTime();
            Batch batch = client.getBatch(
                    GetBatchRequest.newBuilder().setRun(RUN).setStep(step).build());
            values[5] = Math.max(values[5], millisSince(before));
            long fetched = System.nanoTime();
            client.commit(
                    RUN,
                    Position.newBuilder()
                            .setRunId(batch.getRunId())
                            .setStep(step)
                            .setManifestDigest(batch.getManifestDigest())
                            .build());
            values[3] = Math.max(values[3], millisSince(fetched));
            long committed = System.nanoTime();
            client.openRun(
                    name,
                    RunSpec.newBuilder()
                            .setTokensPerStep(BenchStack.TOKENS_PER_STEP)
                            .setLive(Live.newBuilder().setCycleTokens(1 << 24))
                            .build());
            values[4] = Math.max(values[4], millisSince(committed));
        }
    }

    private static Served measure(BenchStack bench, long steps, long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        List<Double> times = Collections.synchronizedList(new ArrayList<>());
        try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            for (int i = 0; i < CLIENTS; i++) {
                threads.execute(() -> {
                    try (SamplerClient client = bench.client()) {
                        while (System.nanoTime() - end < 0) {
                            long before = System.nanoTime();
                            client.getBatch(GetBatchRequest.newBuilder()
                                    .setRun(RUN)
                                    .setStep(ThreadLocalRandom.current().nextLong(steps))
                                    .build());
                            times.add(millisSince(before));
                        }
                    }
                });
            }
        }
        List<Double> sorted = times.stream().sorted().toList();
        return new Served(sorted.size() * 1e3 / millis, sorted.get(sorted.size() * 99 / 100));
    }

    private static void traceOn(BenchStack bench, AtomicBoolean ended) {
        ManagedChannel channel = channel(bench);
        try {
            while (!ended.get()) {
                SamplerGrpc.newBlockingStub(channel)
                        .trace(TraceRequest.newBuilder()
                                .setDocumentId(
                                        "nobody-" + ThreadLocalRandom.current().nextInt())
                                .build());
            }
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                throw e;
            }
        } finally {
            channel.shutdownNow();
        }
    }

    /// From when a caller that waits behind others' scans goes, to when the sampler has one call less.
    private static double cancelled(BenchStack bench) {
        ManagedChannel channel = channel(bench);
        try {
            double before = bench.openCalls();
            Unread<TraceRequest> call = new Unread<>(
                    channel,
                    SamplerGrpc.getTraceMethod(),
                    TraceRequest.newBuilder().setDocumentId("nobody").build());
            while (bench.openCalls() <= before) {
                pause(1);
            }
            long cancelled = System.nanoTime();
            call.cancel();
            while (bench.openCalls() > before && millisSince(cancelled) < SETTLE_MILLIS) {
                pause(1);
            }
            return millisSince(cancelled);
        } finally {
            channel.shutdownNow();
        }
    }

    private static double explained(BenchStack bench, int steps) {
        long before = System.nanoTime();
        try (SamplerClient client = bench.client();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int step = 0; step < steps; step++) {
                int at = step;
                callers.execute(() -> client.explain(RUN, at, 0, 0));
            }
        }
        return millisSince(before);
    }

    private static ManagedChannel channel(BenchStack bench) {
        return ManagedChannelBuilder.forTarget(bench.stack().samplerAddress())
                .usePlaintext()
                .build();
    }

    private static double millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e6;
    }

    private static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// Many calls over a few connections, whose answers nobody reads.
    private static final class Crowd implements AutoCloseable {
        private final List<ManagedChannel> channels = new ArrayList<>();
        private int calls;

        Crowd(BenchStack bench) {
            for (int i = 0; i < CONNECTIONS; i++) {
                channels.add(channel(bench));
            }
        }

        <Q> void call(MethodDescriptor<Q, ?> method, Q request) {
            Unread<Q> _ = new Unread<>(channels.get(calls++ % CONNECTIONS), method, request);
        }

        @Override
        public void close() {
            channels.forEach(ManagedChannel::shutdownNow);
        }
    }

    private static final class Unread<Q> {
        private final ClientCall<Q, ?> call;

        <A> Unread(ManagedChannel channel, MethodDescriptor<Q, A> method, Q request) {
            ClientCall<Q, A> made = channel.newCall(method, CallOptions.DEFAULT);
            made.start(new ClientCall.Listener<>() {}, new Metadata());
            made.sendMessage(request);
            made.halfClose();
            call = made;
        }

        void cancel() {
            call.cancel("the caller goes", null);
        }
    }
}
