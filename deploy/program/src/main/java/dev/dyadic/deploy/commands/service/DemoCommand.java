package dev.dyadic.deploy.commands.service;

import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.deploy.audit.Audit;
import dev.dyadic.deploy.audit.AuditReport;
import dev.dyadic.deploy.broker.BrokerEnd;
import dev.dyadic.deploy.broker.BrokerLibraries;
import dev.dyadic.deploy.commands.look.AuditCommand;
import dev.dyadic.deploy.commands.look.StatsCommand;
import dev.dyadic.deploy.commands.options.HostPort;
import dev.dyadic.deploy.commands.options.OpsOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.StepLines;
import dev.dyadic.deploy.commands.process.Completion;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.commands.process.Interruption;
import dev.dyadic.deploy.commands.train.TrainCommand;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.local.Directories;
import dev.dyadic.deploy.local.LocalStack;
import dev.dyadic.deploy.local.SampleFeed;
import dev.dyadic.deploy.ops.OpsServer;
import dev.dyadic.deploy.stats.BucketStats;
import dev.dyadic.deploy.stats.CorpusStats;
import dev.dyadic.ingest.IngestReport;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.sampler.client.BatchPrefetcher;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.trainer.TrainProgress;
import dev.dyadic.trainer.TrainReport;
import dev.dyadic.trainer.TrainSettings;
import dev.dyadic.trainer.Trainer;
import dev.dyadic.trainer.model.AdamW;
import dev.dyadic.trainer.model.TransformerOptions;
import dev.dyadic.v1.SamplerProto;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.Freshness;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.Live;
import dev.dyadic.v1.SamplerProto.RunSpec;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description =
                "Shows everything at work in a minute, on the bundled sample: documents arrive on an embedded Kafka, are"
                        + " decomposed, served by a curriculum and trained on, while more arrive. Then prints what happened.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic demo",
            "  dyadic demo --steps 40 --curriculum uniform",
            "  dyadic demo -o json | tail -1 | jq .audit"
        })
public final class DemoCommand implements Callable<Integer> {
    private static final String RUN = "demo";
    private static final int PARTITIONS = 2;
    private static final Buckets BUCKETS = Buckets.ofLengths(64, 2048);
    private static final long TOKENS_PER_STEP = 4096;
    private static final long STEPS_PER_CYCLE = 16;
    private static final int HOLDOUT_PER_MILLION = 20_000;
    private static final int DOCUMENTS_AT_ONCE = 100;
    private static final long DOCUMENT_EVERY_MILLIS = 150;
    private static final long WAIT_MILLIS = 60_000;
    private static final int PREFETCH = 4;
    private static final long LINE_EVERY_STEPS = 25;

    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Option(names = "--steps", defaultValue = "150", description = "Steps to train; default ${DEFAULT-VALUE}.")
    private long steps;

    @Option(
            names = "--curriculum",
            defaultValue = "grow-p2",
            description = "uniform, grow-linear, grow-p2, grow-p100 or shrink-p100; default ${DEFAULT-VALUE}.")
    private String curriculum = "grow-p2";

    @Option(
            names = "--tokenizer",
            defaultValue = "bytes",
            description = "A tokenizer that Dyadic brings; default ${DEFAULT-VALUE}, which is fast to train.")
    private String tokenizer = "bytes";

    @Mixin
    private OpsOptions opsOptions = new OpsOptions();

    @Option(names = "--data", paramLabel = "DIR", description = "Keep everything here; default: a temporary directory.")
    private @Nullable Path data;

    /// The result for scripts.
    record Facts(
            CorpusStats.Documents documents,
            CorpusStats.Tokens tokens,
            List<BucketStats> buckets,
            DemoRun run,
            LossFacts loss,
            double secondsToFirstStep,
            StatsCommand.FreshnessFacts freshnessMillis,
            AuditReport audit) {}

    record DemoRun(String name, long steps, long tokensPerStep, String curriculum) {}

    /// There are no losses where nothing was trained.
    record LossFacts(@Nullable Float first, @Nullable Float last, List<TrainReport.LengthLoss> byLength) {
        static LossFacts of(Optional<TrainReport> training) {
            return training.map(report -> new LossFacts(report.firstLoss(), report.lastLoss(), report.byLength()))
                    .orElseGet(() -> new LossFacts(null, null, List.of()));
        }
    }

    @Override
    public Integer call() throws IOException {
        Output output = outputOptions.open();
        BrokerLibraries.require();
        AtomicReference<Runnable> stop = new AtomicReference<>(() -> {});
        Interruption interruption = Interruption.install(() -> stop.get().run());
        CorpusSettings corpus = new CorpusSettings(
                RUN,
                Tokenizers.named(tokenizer).identity(),
                Layout.NEXT_TOKEN,
                BUCKETS,
                LongDocuments.LONGEST_FIRST,
                HOLDOUT_PER_MILLION,
                0,
                PARTITIONS);
        Path directory = data == null ? Files.createTempDirectory("dyadic-demo-") : data;
        BrokerEnd.tell(directory, line -> output.note("dyadic: %s", line));
        try (OpsServer ops = opsOptions.open(HostPort.ANY);
                LocalStack stack = LocalStack.start(
                        new LocalStack.Settings(directory, 0, 0, 0, "dyadic", corpus),
                        line -> output.note("  %s", line),
                        ops.registry())) {
            ops.watch(stack::notReady, Completion.failure(stack.ended()));
            ops.show(stack.view()::snapshot);
            output.note("  live page         http://%s, while it runs", ops.address());
            return show(output, stack, stop, interruption);
        } finally {
            if (data == null) {
                Directories.delete(directory);
            }
        }
    }

    private int show(Output output, LocalStack stack, AtomicReference<Runnable> stop, Interruption interruption) {
        Optional<TrainReport> training = Optional.empty();
        long stepsDone;
        IngestReport ingested;
        FirstStep firstStep = new FirstStep();
        try (SamplerClient client = new SamplerClient(stack.samplerAddress(), WAIT_MILLIS)) {
            try (SampleFeed feed = SampleFeed.start(
                            stack.cluster(), stack.corpus().topics(), DOCUMENTS_AT_ONCE, DOCUMENT_EVERY_MILLIS);
                    StepLines lines = new StepLines(output)) {
                output.note(
                        "  documents         %d at once, then one every %d ms",
                        DOCUMENTS_AT_ONCE, DOCUMENT_EVERY_MILLIS);
                client.openRun(RUN, spec());
                if (Trainer.isAvailable()) {
                    Trainer trainer = new Trainer(client, trainSettings(), step -> {
                        firstStep.trained(step);
                        lines.trained(step);
                        client.reportLoss(RUN, step.number(), step.loss());
                    });
                    stop.set(trainer::stop);
                    if (interruption.isAsked()) {
                        trainer.stop();
                    }
                    TrainReport report = trainer.train();
                    training = Optional.of(report);
                    stepsDone = report.steps();
                } else {
                    stepsDone = fetch(client, output, firstStep, stop, interruption);
                }
                ingested = feed.finish();
            }
            Freshness freshness = client.describeCorpus().getFreshness();
            // Opening a bounded run waits for the decomposer, so that the numbers below are of all documents.
            client.openRun("all", allSpec());
            CorpusStats stats;
            AuditReport audit;
            try (KafkaHistory history = new KafkaHistory(stack.cluster(), stack.corpus(), KafkaHistory.Progress.NONE)) {
                stats = CorpusStats.of(history);
                audit = Audit.of(history, RUN, AuditCommand.digestsOf(client, RUN));
            }
            output.json(new Facts(
                    stats.documents(),
                    stats.tokens(),
                    stats.buckets(),
                    new DemoRun(RUN, stepsDone, TOKENS_PER_STEP, curriculum),
                    LossFacts.of(training),
                    firstStep.seconds,
                    StatsCommand.FreshnessFacts.of(freshness),
                    audit));
            output.text("");
            output.text("== What flowed: %,d documents published", ingested.accepted());
            StatsCommand.print(output, stats, Optional.of(freshness));
            output.text("");
            output.text(
                    "== What was %s: run %s, %,d steps of %,d tokens, one length each, curriculum %s; first step after %.1f s",
                    training.isPresent() ? "trained" : "fetched",
                    RUN,
                    stepsDone,
                    TOKENS_PER_STEP,
                    curriculum,
                    firstStep.seconds);
            training.ifPresent(report -> TrainCommand.print(output, report));
            if (training.isEmpty()) {
                output.text("Training needs PyTorch's libraries: pip install 'dyadic_service[train]'");
            }
            output.text("");
            output.text("== Does it add up?");
            AuditCommand.print(output, audit);
            output.text("");
            output.text("== What next?");
            output.text("  %s dev                  the same, with your own texts, until Ctrl-C", Output.COMMAND);
            output.text("  %s ingest FILE.jsonl    in another terminal: its documents", Output.COMMAND);
            output.text(
                    "  %s doctor               whether all is well, and what to do where it is not", Output.COMMAND);
            output.text("docs/tutorial/first-corpus.md goes on from there.");
            return audit.ok() ? ExitCodes.OK : ExitCodes.LAW_BROKEN;
        }
    }

    /// Where there is nothing to train with: takes the batches, and counts them.
    private long fetch(
            SamplerClient client,
            Output output,
            FirstStep firstStep,
            AtomicReference<Runnable> stop,
            Interruption interruption) {
        long step = 0;
        LongFunction<GetBatchRequest> request = number ->
                GetBatchRequest.newBuilder().setRun(RUN).setStep(number).build();
        try (BatchPrefetcher batches =
                new BatchPrefetcher(number -> client.getBatch(request.apply(number)), 0, steps, PREFETCH)) {
            stop.set(batches::close);
            while (step < steps && !interruption.isAsked()) {
                Batch batch = batches.next();
                firstStep.done();
                step++;
                if (step % LINE_EVERY_STEPS == 0) {
                    output.note("step %,d of %,d  length %,d", step, steps, batch.getLength());
                }
            }
        } catch (CancellationException e) {
            output.note("stopped");
        }
        return step;
    }

    private RunSpec spec() {
        return RunSpec.newBuilder()
                .setTokensPerStep(TOKENS_PER_STEP)
                .setCurriculum(curriculum)
                .setLive(Live.newBuilder()
                        .setCycleTokens(STEPS_PER_CYCLE * TOKENS_PER_STEP)
                        .setMaxWaitMillis(1000))
                .build();
    }

    private static RunSpec allSpec() {
        return RunSpec.newBuilder()
                .setTokensPerStep(TOKENS_PER_STEP)
                .setBounded(SamplerProto.Bounded.getDefaultInstance())
                .build();
    }

    private TrainSettings trainSettings() {
        return new TrainSettings(
                RUN,
                TrainSettings.Model.named("tiny"),
                TrainSettings.Schedule.of(steps, 3e-3, Math.min(20, steps)),
                AdamW.DEFAULT,
                TransformerOptions.CPU,
                (int) TOKENS_PER_STEP,
                4,
                TrainSettings.Checkpointing.NONE,
                TrainSettings.HoldOut.NONE,
                true);
    }

    /// When the first step was trained, counted from the start of the program.
    private static final class FirstStep implements TrainProgress {
        private double seconds;

        @Override
        public void trained(Step step) {
            done();
        }

        void done() {
            if (seconds == 0) {
                long started = ManagementFactory.getRuntimeMXBean().getStartTime();
                seconds = (System.currentTimeMillis() - started) / 1000.0;
            }
        }
    }
}
