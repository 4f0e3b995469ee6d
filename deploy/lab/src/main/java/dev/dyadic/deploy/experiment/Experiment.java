package dev.dyadic.deploy.experiment;

import dev.dyadic.decomposer.tokenize.Tokenizer;
import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.local.Directories;
import dev.dyadic.deploy.local.LocalStack;
import dev.dyadic.deploy.local.SampleFeed;
import dev.dyadic.ingest.Ingest;
import dev.dyadic.ingest.IngestProgress;
import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.Wholes;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.sampler.Sampler;
import dev.dyadic.sampler.SamplerLimits;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.trainer.HoldOutEvaluator;
import dev.dyadic.trainer.TrainProgress;
import dev.dyadic.trainer.TrainReport;
import dev.dyadic.trainer.TrainSettings;
import dev.dyadic.trainer.Trainer;
import dev.dyadic.trainer.model.AdamW;
import dev.dyadic.trainer.model.TransformerOptions;
import dev.dyadic.v1.SamplerProto.Bounded;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.RunSpec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Trains the same model on the same text in several ways, one after the other, everything in this process, and
/// compares them. Runs on the caller's thread.
public final class Experiment {
    private static final int PARTITIONS = 4;
    private static final long WAIT_MILLIS = 120_000;
    private static final int PREFETCH = 4;
    private static final int WARMUP_PART = 20;
    /// Tokens of whole documents, and of rows of the hold-out, that a look takes at most.
    private static final long LOOK_TOKENS = 65_536;

    private final ExperimentSettings settings;
    private final Progress progress;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicReference<@Nullable Trainer> running = new AtomicReference<>();

    /// Told what happens.
    public interface Progress {
        /// A part of the preparation is done.
        void prepared(String what);

        /// Told of a training's steps.
        ///
        /// @param number of the variant, from 1
        /// @param count of variants
        TrainProgress training(Variant variant, int number, int count);
    }

    public Experiment(ExperimentSettings settings, Progress progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /// Ends the experiment after the step at hand: [#run] throws [CancellationException]. Callable from any thread.
    public void stop() {
        stopping.set(true);
        Trainer trainer = running.get();
        if (trainer != null) {
            trainer.stop();
        }
    }

    public ExperimentResult run() {
        Path directory;
        try {
            directory = Files.createTempDirectory("dyadic-experiment-");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a temporary directory", e);
        }
        try (LocalStack stack =
                LocalStack.start(new LocalStack.Settings(directory, 0, 0, 0, "experiment", corpus()), _ -> {})) {
            publish(stack);
            try (SamplerClient decomposed = new SamplerClient(stack.samplerAddress(), WAIT_MILLIS)) {
                return compare(stack, decomposed, directory);
            }
        } finally {
            Directories.delete(directory);
        }
    }

    private CorpusSettings corpus() {
        return new CorpusSettings(
                "decomposed",
                Tokenizers.named(settings.tokenizer()).identity(),
                Layout.NEXT_TOKEN,
                Buckets.ofLengths(settings.minLength(), settings.maxLength()),
                // What the authors' code does: no length is left without tokens.
                LongDocuments.SPREAD,
                (int) Math.round(settings.holdOutShare() * 1_000_000),
                0,
                PARTITIONS);
    }

    private void publish(LocalStack stack) {
        Input input = settings.input().map(Input::file).orElseGet(SampleFeed::input);
        try (Ingest ingest = Ingest.direct(stack.cluster(), stack.corpus().topics(), "experiment")) {
            ingest.read(input, IngestProgress.NONE, settings.maxTextBytes());
            ingest.flush().requireWhole();
        }
    }

    private ExperimentResult compare(LocalStack stack, SamplerClient decomposed, Path directory) {
        Tokenizer tokenizer = Tokenizers.named(settings.tokenizer());
        // Opening waits until everything is decomposed.
        Map<Variant, RunDescription> runs = new HashMap<>();
        for (Variant variant : settings.chosen()) {
            if (!variant.chunked()) {
                runs.put(variant, decomposed.openRun(variant.name(), spec(variant)));
            }
        }
        RunDescription any = decomposed.openRun("all", spec(Variant.all().getLast()));
        List<Document> documents = new ArrayList<>();
        Map<TopicPartition, Long> ends = read(stack, documents);
        Corpus chunks =
                new ChunkedCorpus(stack.cluster(), stack.corpus(), tokenizer, settings.seed()).make(documents, ends);
        progress.prepared("%,d documents decomposed, and concatenated and cut into chunks".formatted(documents.size()));
        try (Sampler sampler = Sampler.start(
                        stack.cluster(),
                        chunks,
                        new Sampler.Settings(
                                directory.resolve("chunks"),
                                ListenSettings.loopback(0),
                                1,
                                "chunks",
                                SamplerLimits.DEFAULT),
                        InstantSource.system(),
                        new SimpleMeterRegistry());
                SamplerClient chunked = new SamplerClient(sampler.address(), WAIT_MILLIS)) {
            for (Variant variant : settings.chosen()) {
                if (variant.chunked()) {
                    runs.put(variant, chunked.openRun(variant.name(), spec(variant)));
                }
            }
            long steps = runs.values().stream()
                    .mapToLong(RunDescription::getTotalSteps)
                    .min()
                    .orElseThrow();
            if (steps < settings.looks()) {
                throw new InvalidException("the text gives " + steps + " steps of " + settings.tokensPerStep()
                        + " tokens, fewer than the " + settings.looks() + " looks: take more text, or smaller steps");
            }
            HoldOutEvaluator holdOut =
                    HoldOutEvaluator.open(decomposed, any, LOOK_TOKENS / settings.maxLength(), microTokens());
            WholeDocuments whole = WholeDocuments.of(
                    documents.stream()
                            .filter(document ->
                                    stack.corpus().settings().splitOf(Wholes.idOf(document)) == Split.HOLDOUT)
                            .toList(),
                    tokenizer,
                    settings.maxLength(),
                    LOOK_TOKENS);
            List<ExperimentResult.Trained> trained = new ArrayList<>();
            long parameters = 0;
            for (Variant variant : settings.chosen()) {
                int number = trained.size() + 1;
                TrainProgress told =
                        progress.training(variant, number, settings.chosen().size());
                HoldOutRecorder looks = new HoldOutRecorder(holdOut, whole);
                TrainReport report =
                        train(variant, variant.chunked() ? chunked : decomposed, steps, looks, told, tokenizer);
                parameters = report.parameters();
                trained.add(trained(variant, report, looks));
            }
            return new ExperimentResult(
                    settings.input().map(Path::toString).orElse("the bundled sample"),
                    documents.size(),
                    documents.stream()
                            .mapToLong(document -> document.getText().remaining())
                            .sum(),
                    settings.tokenizer(),
                    settings.model(),
                    parameters,
                    settings.minLength(),
                    settings.maxLength(),
                    settings.tokensPerStep(),
                    steps,
                    steps * settings.tokensPerStep(),
                    trained);
        }
    }

    private RunSpec spec(Variant variant) {
        return RunSpec.newBuilder()
                .setSeed(settings.seed())
                .setTokensPerStep(settings.tokensPerStep())
                .setCurriculum(variant.curriculum())
                .setBounded(Bounded.newBuilder().setCycles(variant.cycles()))
                .build();
    }

    private TrainReport train(
            Variant variant,
            SamplerClient sampler,
            long steps,
            HoldOutRecorder looks,
            TrainProgress told,
            Tokenizer tokenizer) {
        TransformerOptions device = TransformerOptions.CPU.withThreads(settings.threads());
        if (variant.masked()) {
            device = device.withMaskAfter(tokenizer.identity().endOfText());
        }
        TrainSettings training = new TrainSettings(
                variant.name(),
                TrainSettings.Model.named(settings.model()),
                TrainSettings.Schedule.of(steps, settings.peakRate(), Math.max(1, steps / WARMUP_PART)),
                AdamW.DEFAULT,
                device,
                microTokens(),
                PREFETCH,
                TrainSettings.Checkpointing.NONE,
                new TrainSettings.HoldOut(Math.ceilDiv(steps, settings.looks()), 1),
                true);
        Trainer trainer = new Trainer(sampler, training, looks.and(told), Optional.of(looks));
        running.set(trainer);
        if (!stopping.get()) {
            TrainReport report = trainer.train();
            if (!stopping.get()) {
                return report;
            }
        }
        throw new CancellationException("the experiment was stopped");
    }

    private int microTokens() {
        return Math.max(settings.tokensPerStep(), settings.maxLength());
    }

    private static ExperimentResult.Trained trained(Variant variant, TrainReport report, HoldOutRecorder looks) {
        NavigableMap<Integer, Long> stepsByLength = new TreeMap<>();
        report.byLength().forEach(length -> stepsByLength.put(length.length(), length.steps()));
        Float last = report.lastLoss();
        return new ExperimentResult.Trained(
                variant,
                report.seconds(),
                report.waitedPart(),
                last == null ? Float.NaN : last,
                stepsByLength,
                looks.all());
    }

    /// Every document that the decomposer has taken, each id once.
    ///
    /// @return where the documents end
    private static Map<TopicPartition, Long> read(LocalStack stack, List<Document> documents) {
        Map<TopicPartition, Long> ends = new HashMap<>();
        Set<String> ids = new HashSet<>();
        try (KafkaHistory history = new KafkaHistory(stack.cluster(), stack.corpus(), (_, _) -> {})) {
            String topic = history.topics().documents();
            for (int partition = 0; partition < history.settings().partitions(); partition++) {
                ends.put(new TopicPartition(topic, partition), history.decomposedUpTo(partition));
                history.read(topic, partition, (_, _, value) -> {
                    Document document = decode(value.bytes());
                    if (ids.add(document.getId())) {
                        documents.add(document);
                    }
                });
            }
        }
        return ends;
    }

    private static Document decode(byte[] record) {
        try {
            return Codecs.DOCUMENT.decode(record);
        } catch (UnreadableRecordException e) {
            throw new IllegalStateException("a document cannot be read", e);
        }
    }
}
