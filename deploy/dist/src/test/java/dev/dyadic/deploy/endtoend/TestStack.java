package dev.dyadic.deploy.endtoend;

import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.local.LocalStack;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.sampler.Sampler;
import dev.dyadic.sampler.SamplerLimits;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.Bounded;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.Live;
import dev.dyadic.v1.SamplerProto.RunSpec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/// Everything in one process, on free ports, over a directory of the test's.
final class TestStack implements AutoCloseable {
    static final Buckets BUCKETS = new Buckets(5, 8);
    static final int PARTITIONS = 2;
    static final long TOKENS_PER_STEP = 1024;
    private static final long WAIT_MILLIS = 30_000;

    private final LocalStack stack;
    private final SamplerClient client;

    /// On the Kafka that [OnKafkaContainerTest] starts, where it runs these tests; else on an embedded one.
    TestStack(Path directory) {
        Optional<Cluster> container = OnKafkaContainerTest.cluster();
        // One Kafka for all: a prefix for each directory.
        String prefix = container.isEmpty() ? "test" : "t" + Integer.toHexString(directory.hashCode());
        LocalStack.Settings settings =
                new LocalStack.Settings(directory, 0, 0, 0, prefix, settings("bytes", BUCKETS, PARTITIONS));
        stack = container
                .map(cluster -> LocalStack.startOn(cluster, settings, _ -> {}, new SimpleMeterRegistry()))
                .orElseGet(() -> LocalStack.start(settings, _ -> {}));
        client = new SamplerClient(stack.samplerAddress(), WAIT_MILLIS);
    }

    static CorpusSettings settings(String tokenizer, Buckets buckets, int partitions) {
        return new CorpusSettings(
                "main",
                Tokenizers.named(tokenizer).identity(),
                Layout.NEXT_TOKEN,
                buckets,
                LongDocuments.LONGEST_FIRST,
                50_000,
                0,
                partitions);
    }

    LocalStack stack() {
        return stack;
    }

    SamplerClient client() {
        return client;
    }

    /// One more replica, with rows of its own.
    Sampler replica(Path directory) {
        return Sampler.start(
                stack.cluster(),
                stack.corpus(),
                new Sampler.Settings(directory, ListenSettings.loopback(0), 2, "replica", SamplerLimits.DEFAULT),
                InstantSource.system(),
                new SimpleMeterRegistry());
    }

    KafkaHistory history() {
        return new KafkaHistory(stack.cluster(), stack.corpus(), KafkaHistory.Progress.NONE);
    }

    static RunSpec.Builder bounded(int cycles, int passes) {
        return RunSpec.newBuilder()
                .setSeed(7)
                .setTokensPerStep(TOKENS_PER_STEP)
                .setBounded(Bounded.newBuilder().setCycles(cycles).setPasses(passes));
    }

    static RunSpec.Builder live(long steps) {
        return RunSpec.newBuilder()
                .setSeed(7)
                .setTokensPerStep(TOKENS_PER_STEP)
                .setLive(Live.newBuilder()
                        .setCycleTokens(steps * TOKENS_PER_STEP)
                        .setMaxWaitMillis(300));
    }

    static Batch get(SamplerClient client, String run, long step) {
        return client.getBatch(
                GetBatchRequest.newBuilder().setRun(run).setStep(step).build());
    }

    @Override
    public void close() {
        client.close();
        stack.close();
    }
}
