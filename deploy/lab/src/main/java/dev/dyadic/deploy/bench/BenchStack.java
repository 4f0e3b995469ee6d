package dev.dyadic.deploy.bench;

import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.deploy.local.Directories;
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
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.RunSpec;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Everything in one process over a temporary directory, filled with documents.
final class BenchStack implements AutoCloseable {
    static final int TOKENS_PER_STEP = 65_536;
    private static final long WAIT_MILLIS = 120_000;

    private final Path directory;
    private final LocalStack stack;
    private final MeterRegistry registry;

    private BenchStack(Path directory, LocalStack stack, MeterRegistry registry) {
        this.registry = registry;
        this.directory = directory;
        this.stack = stack;
    }

    static BenchStack start() {
        try {
            Path directory = Files.createTempDirectory("dyadic-bench-");
            CorpusSettings corpus = new CorpusSettings(
                    "bench",
                    Tokenizers.named("r50k_base").identity(),
                    Layout.NEXT_TOKEN,
                    new Buckets(6, 13),
                    LongDocuments.LONGEST_FIRST,
                    0,
                    0,
                    4);
            MeterRegistry registry = new SimpleMeterRegistry();
            LocalStack.Settings settings = new LocalStack.Settings(directory, 0, 0, 0, "bench", corpus);
            return new BenchStack(directory, LocalStack.start(settings, _ -> {}, registry), registry);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a temporary directory", e);
        }
    }

    /// Ingests a file, or the bundled sample so many times, and waits until it is decomposed.
    void fill(Optional<Path> file, int copies) {
        if (file.isPresent()) {
            try (Ingest ingest = Ingest.direct(stack.cluster(), stack.corpus().topics(), "bench")) {
                ingest.read(Input.file(file.get()), IngestProgress.NONE);
                ingest.flush().requireWhole();
            }
        } else {
            SampleFeed.publishAll(stack.cluster(), stack.corpus().topics(), copies);
        }
    }

    LocalStack stack() {
        return stack;
    }

    Path directory() {
        return directory;
    }

    /// Calls that the sampler has open.
    double openCalls() {
        return registry.get("dyadic.calls").gauge().value();
    }

    SamplerClient client() {
        return new SamplerClient(stack.samplerAddress(), WAIT_MILLIS);
    }

    /// A bounded run over all that is there. Opening it waits for the decomposer.
    RunDescription open(SamplerClient client, String name, int passes) {
        return client.openRun(
                name,
                RunSpec.newBuilder()
                        .setTokensPerStep(TOKENS_PER_STEP)
                        .setCurriculum("grow-p2")
                        .setBounded(Bounded.newBuilder().setCycles(1).setPasses(passes))
                        .build());
    }

    /// Has so many steps planned, so that no measurement waits for the ledger.
    void plan(SamplerClient client, String name, long steps) {
        for (long planned = client.describeRun(name).getStepsPlanned();
                planned < steps;
                planned = client.describeRun(name).getStepsPlanned()) {
            client.getBatch(GetBatchRequest.newBuilder()
                    .setRun(name)
                    .setStep(planned)
                    .setRows(1)
                    .build());
        }
    }

    @Override
    public void close() {
        stack.close();
        Directories.delete(directory);
    }
}
