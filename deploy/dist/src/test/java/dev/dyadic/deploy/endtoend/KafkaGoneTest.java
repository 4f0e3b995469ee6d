package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.decomposer.Decomposer;
import dev.dyadic.decomposer.DecomposerSettings;
import dev.dyadic.deploy.AwaitDecomposed;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.sampler.Sampler;
import dev.dyadic.sampler.SamplerLimits;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerGrpc;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.CloseRunRequest;
import dev.dyadic.v1.SamplerProto.CommitRequest;
import dev.dyadic.v1.SamplerProto.DescribeRunRequest;
import dev.dyadic.v1.SamplerProto.ExplainRequest;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.OpenRunRequest;
import dev.dyadic.v1.SamplerProto.Position;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// While Kafka does not answer, a sampler serves what it has, and says in time what it cannot do.
@EnabledOnOs(OS.LINUX)
class KafkaGoneTest {
    private static final Topics TOPICS = new Topics("gone", "main");
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final long MAX_PARK_MILLIS = 1_000;
    /// Of a caller, who has an answer long before.
    private static final long DEADLINE_SECONDS = 4;

    private static final long NOT_READY_NANOS = TimeUnit.SECONDS.toNanos(15);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void everyCallIsAnsweredWithinItsBoundAndGoesOnAfterwards() throws Exception {
        try (ServiceProcess broker = new ServiceProcess(
                directory.resolve("broker.log"),
                512,
                List.of("broker", "--data", directory.resolve("broker").toString(), "--port", "0", "-o", "json"))) {
            Cluster cluster = Cluster.at(broker.address("kafka"));
            Corpus corpus = Corpus.init(
                    cluster,
                    TOPICS,
                    TestStack.settings("bytes", new Buckets(5, 8), 2),
                    Optional.empty(),
                    InstantSource.system());
            Texts.publish(cluster, TOPICS, Texts.make("a-", 200, 1));
            DecomposerSettings settings = new DecomposerSettings(directory.resolve("decomposer"), 1, 100);
            try (Decomposer decomposer = Decomposer.start(cluster, corpus, settings, new SimpleMeterRegistry());
                    Sampler sampler = sampler(cluster, corpus);
                    SamplerClient client = new SamplerClient(sampler.address(), 30_000)) {
                AwaitDecomposed.of(cluster, TOPICS, 2, TIMEOUT);
                client.openRun("run", TestStack.bounded(2, 1).build());
                client.openRun("live", TestStack.live(1_000).build());
                Batch batch = TestStack.get(client, "run", 0);

                broker.signal("STOP");
                try {
                    callsAreAnswered(sampler.address(), batch);
                    // Both a service that only reads and one that writes say so.
                    assertThat(await(sampler::notReady, true).orElse("it is ready"))
                            .startsWith("Kafka at " + cluster.bootstrap() + " has not answered for ");
                    assertThat(await(decomposer::notReady, true).orElse("it is ready"))
                            .startsWith("Kafka at " + cluster.bootstrap() + " has not answered for ");
                } finally {
                    broker.signal("CONT");
                }

                client.commit("run", position(batch));
                assertThat(client.explain("run", 0, 0, 0).getSequencesCount()).isPositive();
                client.openRun("another", TestStack.bounded(1, 1).build());
                assertThat(sampler.ended()).isNotDone();
                assertThat(await(sampler::notReady, false)).isEmpty();
            }
        }
    }

    /// What it says within the time that docs/how-to/monitor.md gives: a reason, or none.
    private static Optional<String> await(Supplier<Optional<String>> notReady, boolean isReasonWanted)
            throws InterruptedException {
        long end = System.nanoTime() + NOT_READY_NANOS;
        while (notReady.get().isPresent() != isReasonWanted && System.nanoTime() < end) {
            Thread.sleep(100);
        }
        return notReady.get();
    }

    private static void callsAreAnswered(String address, Batch batch) throws InterruptedException {
        ManagedChannel channel =
                NettyChannelBuilder.forTarget(address).usePlaintext().build();
        try {
            Map<String, Function<SamplerGrpc.SamplerBlockingStub, Object>> need = Map.of(
                    "commit",
                    stub -> stub.commit(CommitRequest.newBuilder()
                            .setRun("run")
                            .setPosition(position(batch))
                            .build()),
                    "open",
                    stub -> stub.openRun(OpenRunRequest.newBuilder()
                            .setName("new")
                            .setSpec(TestStack.bounded(1, 1))
                            .build()),
                    "close",
                    stub -> stub.closeRun(
                            CloseRunRequest.newBuilder().setRun("live").build()),
                    "explain",
                    stub -> stub.explain(
                            ExplainRequest.newBuilder().setRun("run").build()),
                    "a batch that is not planned",
                    stub -> stub.getBatch(
                            GetBatchRequest.newBuilder().setRun("live").build()));
            need.forEach((name, call) -> assertThat(statusOf(channel, call))
                    .as(name)
                    .satisfies(status -> {
                        assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                        assertThat(status.getDescription()).isNotBlank();
                    }));
            assertThat(statusOf(
                                    channel,
                                    stub -> stub.describeRun(DescribeRunRequest.newBuilder()
                                            .setName("run")
                                            .build()))
                            .isOk())
                    .isTrue();
            assertThat(statusOf(
                                    channel,
                                    stub -> stub.getBatch(GetBatchRequest.newBuilder()
                                            .setRun("run")
                                            .setStep(1)
                                            .build()))
                            .isOk())
                    .isTrue();
        } finally {
            channel.shutdownNow().awaitTermination(DEADLINE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static Status statusOf(ManagedChannel channel, Function<SamplerGrpc.SamplerBlockingStub, Object> call) {
        try {
            Object _ = call.apply(
                    SamplerGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS));
            return Status.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }

    private static Position position(Batch batch) {
        return Position.newBuilder()
                .setRunId(batch.getRunId())
                .setStep(batch.getStep())
                .setManifestDigest(batch.getManifestDigest())
                .build();
    }

    private Sampler sampler(Cluster cluster, Corpus corpus) {
        SamplerLimits standard = SamplerLimits.DEFAULT;
        SamplerLimits limits = new SamplerLimits(
                standard.maxCalls(),
                MAX_PARK_MILLIS,
                standard.maxSliceBytes(),
                standard.maxInFlightBytes(),
                standard.cacheBytes(),
                0,
                standard.maxUnreadMillis());
        return Sampler.start(
                cluster,
                corpus,
                new Sampler.Settings(directory.resolve("sampler"), ListenSettings.loopback(0), 1, "one", limits),
                InstantSource.system(),
                new SimpleMeterRegistry());
    }
}
