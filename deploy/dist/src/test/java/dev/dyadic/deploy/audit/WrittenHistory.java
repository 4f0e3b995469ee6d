package dev.dyadic.deploy.audit;

import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.deploy.AwaitDecomposed;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.local.LocalStack;
import dev.dyadic.deploy.local.SampleFeed;
import dev.dyadic.ingest.Ingest;
import dev.dyadic.ingest.IngestProgress;
import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.Bounded;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.Live;
import dev.dyadic.v1.SamplerProto.RunSpec;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A history that a real broker, decomposer and sampler have written, copied into memory.
final class WrittenHistory {
    static final String LIVE = "live";
    static final String BOUNDED = "bounded";
    private static final long TOKENS_PER_STEP = 2048;

    private WrittenHistory() {}

    static MemoryHistory in(Path directory) {
        CorpusSettings settings = new CorpusSettings(
                "main",
                Tokenizers.named("r50k_base").identity(),
                Layout.NEXT_TOKEN,
                new Buckets(6, 9),
                LongDocuments.SPREAD,
                0,
                0,
                2);
        try (LocalStack stack =
                        LocalStack.start(new LocalStack.Settings(directory, 0, 0, 0, "audit", settings), _ -> {});
                SamplerClient client = new SamplerClient(stack.samplerAddress(), 30_000)) {
            publishShortDocuments(stack);
            publishSample(stack, "");
            RunSpec.Builder spec = RunSpec.newBuilder().setTokensPerStep(TOKENS_PER_STEP);
            // Opening a bounded run waits for the decomposer, so that what follows does not depend on its pace.
            client.openRun(
                    BOUNDED, spec.setBounded(Bounded.newBuilder().setCycles(3)).build());
            client.openRun(
                    LIVE,
                    spec.setLive(Live.newBuilder()
                                    .setCycleTokens(10 * TOKENS_PER_STEP)
                                    .setMaxWaitMillis(100))
                            .build());
            serve(client, BOUNDED, 30);
            serve(client, LIVE, 15);
            // The same documents once more: duplicates.
            publishSample(stack, "");
            serve(client, LIVE, 25);
            // Others: rows that only later cycles admit.
            publishSample(stack, "late/");
            AwaitDecomposed.of(stack.cluster(), stack.corpus().topics(), settings.partitions(), Duration.ofSeconds(60));
            serve(client, LIVE, 55);
            AwaitDecomposed.of(stack.cluster(), stack.corpus().topics(), settings.partitions(), Duration.ofSeconds(60));
            try (KafkaHistory history = new KafkaHistory(stack.cluster(), stack.corpus(), KafkaHistory.Progress.NONE)) {
                return MemoryHistory.copyOf(history);
            }
        }
    }

    private static void publishSample(LocalStack stack, String idPrefix) {
        try (SampleFeed feed = SampleFeed.start(stack.cluster(), stack.corpus().topics(), 150, 1000, idPrefix)) {
            feed.finish();
        }
    }

    private static void serve(SamplerClient client, String run, long step) {
        client.getBatch(GetBatchRequest.newBuilder().setRun(run).setStep(step).build());
    }

    /// Enough that every partition gets some rejects.
    private static void publishShortDocuments(LocalStack stack) {
        String lines = IntStream.range(0, 20)
                .mapToObj(i -> "{\"id\": \"short-" + i + "\", \"text\": \"too short\"}")
                .collect(Collectors.joining("\n"));
        try (Ingest ingest = Ingest.direct(stack.cluster(), stack.corpus().topics(), "test")) {
            InputStream stream = new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8));
            ingest.read(Input.stream("test", stream), IngestProgress.NONE);
            ingest.flush();
        }
    }
}
