package dev.dyadic.deploy.commands.train;

import dev.dyadic.deploy.commands.options.HostPort;
import dev.dyadic.deploy.commands.options.ModelOptions;
import dev.dyadic.deploy.commands.options.OpsOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.options.SamplerOptions;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.StepLines;
import dev.dyadic.deploy.commands.print.Table;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.commands.process.Interruption;
import dev.dyadic.deploy.ops.OpsServer;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.trainer.Metrics;
import dev.dyadic.trainer.TrainProgress;
import dev.dyadic.trainer.TrainReport;
import dev.dyadic.trainer.TrainSettings;
import dev.dyadic.trainer.Trainer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Trains a decoder-only transformer on a run's batches, from the newest checkpoint on where there is one."
                        + " Ctrl-C ends it with a checkpoint.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic train pretrain --steps 1000 --checkpoints checkpoints/pretrain",
            "  dyadic train live --model small --steps 100000 --learning-rate 1e-3 --checkpoint-every 500 \\",
            "    --evaluate-every 500 --metrics metrics/live",
            "  dyadic train live --model 410m --device cuda --steps 100000 --rewarm-at 50000",
        })
public final class TrainCommand implements Callable<Integer> {
    /// PyTorch cannot be interrupted, and only what it has computed can be saved.
    private static final Duration CHECKPOINT_GRACE = Duration.ofMinutes(10);

    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private SamplerOptions samplerOptions = new SamplerOptions();

    @Parameters(paramLabel = "RUN", description = "Name of an open run.")
    private String run = "";

    @Option(
            names = "--steps",
            defaultValue = "1000",
            description = "Where to end, counted from the run's first step; default ${DEFAULT-VALUE}.")
    private long steps;

    @Mixin
    private ModelOptions modelOptions = new ModelOptions();

    @Option(names = "--checkpoints", paramLabel = "DIR", description = "Where to keep them; default: none are kept.")
    private @Nullable Path checkpoints;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "STEPS",
            defaultValue = "100",
            description = "Write a checkpoint every so many steps, and at the end; default ${DEFAULT-VALUE}.")
    private long checkpointEvery;

    @Option(
            names = "--keep",
            paramLabel = "COUNT",
            defaultValue = "3",
            description = "Newest checkpoints that stay; default ${DEFAULT-VALUE}.")
    private int keep;

    @Option(
            names = "--evaluate-every",
            paramLabel = "STEPS",
            defaultValue = "0",
            description =
                    "Look at the loss on the hold-out, for each length, every so many steps and at the end; default: never."
                            + " Its rows are those of the bounded run RUN.holdout, which is opened for it.")
    private long evaluateEvery;

    @Option(
            names = "--evaluate-steps",
            paramLabel = "STEPS",
            defaultValue = "50",
            description = "Of the hold-out, at most, each with as many tokens as the longest length;"
                    + " default ${DEFAULT-VALUE}.")
    private long evaluateSteps;

    @Option(
            names = "--metrics",
            paramLabel = "DIR",
            description = "Write metrics.jsonl (steps and looks at the hold-out) and metrics.csv (steps) there.")
    private @Nullable Path metrics;

    @Mixin
    private OpsOptions opsOptions = new OpsOptions();

    @Option(
            names = "--no-memory-check",
            description = "Train though more memory seems to be needed than this machine, or container, has.")
    private boolean ignoresMemory;

    @Option(names = "--prefetch", defaultValue = "4", description = "Batches in flight; default ${DEFAULT-VALUE}.")
    private int prefetch;

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        AtomicReference<@Nullable Trainer> running = new AtomicReference<>();
        Interruption interruption = Interruption.install(
                () -> {
                    Trainer trainer = running.get();
                    if (trainer != null) {
                        output.note("Stopping after the computation at hand; another Ctrl-C ends it at once.");
                        trainer.stop();
                    }
                },
                () -> {
                    Trainer trainer = running.get();
                    return checkpoints != null && trainer != null && trainer.isComputing();
                },
                CHECKPOINT_GRACE);
        TrainSettings settings = new TrainSettings(
                run,
                modelOptions.model(),
                modelOptions.schedule(steps),
                modelOptions.optimizer(),
                modelOptions.device(),
                modelOptions.microTokens(),
                prefetch,
                new TrainSettings.Checkpointing(Optional.ofNullable(checkpoints), checkpointEvery, keep),
                new TrainSettings.HoldOut(evaluateEvery, evaluateSteps),
                !ignoresMemory);
        if (checkpoints == null) {
            output.note("Without --checkpoints, nothing of this training is kept.");
        }
        TrainReport report;
        try (OpsServer ops = opsOptions.open(HostPort.ANY);
                SamplerClient client = samplerOptions.connect();
                Metrics written = metrics == null ? null : Metrics.open(metrics);
                StepLines lines = new StepLines(output)) {
            TrainMeters meters = new TrainMeters(ops.registry());
            ops.watch(meters::notReady, Optional::empty);
            opsOptions.tell(output, ops);
            TrainProgress shown = lines.and(meters).and(step -> client.reportLoss(run, step.number(), step.loss()));
            TrainProgress progress = written == null ? shown : shown.and(written);
            Trainer trainer = new Trainer(client, settings, progress);
            running.set(trainer);
            if (interruption.isAsked()) {
                trainer.stop();
            }
            report = trainer.train();
        }
        output.json(report);
        print(output, report);
        if (checkpoints != null && report.lastLoss() != null) {
            output.text(
                    "The newest checkpoint is in %s: the next training that names it goes on from there.", checkpoints);
        }
        return ExitCodes.OK;
    }

    public static void print(Output output, TrainReport report) {
        Float first = report.firstLoss();
        Float last = report.lastLoss();
        if (first == null || last == null) {
            output.text("Trained no step: %s.", report.ended());
            return;
        }
        output.text(
                "Trained steps %d to %d, %,d tokens, in %.1f s (%s); %.1f %% of the time waiting for batches.",
                report.firstStep(),
                report.firstStep() + report.steps() - 1,
                report.tokens(),
                report.seconds(),
                report.ended(),
                report.waitedPart() * 100);
        output.text(
                "Loss of the first step %.3f, mean of the last five %.3f, in nats per token; for each length, means of five:",
                first, last);
        boolean evaluated = !report.holdOutByLength().isEmpty();
        Table table = evaluated
                ? new Table("length", "steps", "first", "last", "hold-out")
                : new Table("length", "steps", "first", "last");
        for (TrainReport.LengthLoss loss : report.byLength()) {
            String one = "%.3f".formatted(loss.first());
            String other = last(loss.steps(), loss.last());
            if (evaluated) {
                Float holdOut = report.holdOutByLength().get(loss.length());
                table.row(loss.length(), loss.steps(), one, other, holdOut == null ? "-" : "%.3f".formatted(holdOut));
            } else {
                table.row(loss.length(), loss.steps(), one, other);
            }
        }
        output.table(table);
        if (report.bySource().size() > 1) {
            Table sources = new Table("source", "steps", "first", "last");
            for (TrainReport.SourceLoss loss : report.bySource()) {
                sources.row(
                        loss.source(), loss.steps(), "%.3f".formatted(loss.first()), last(loss.steps(), loss.last()));
            }
            output.text("");
            output.table(sources);
        }
    }

    /// The last five of no more than five steps are the first ones.
    private static String last(long steps, float mean) {
        return steps > TrainReport.MEAN_OF ? "%.3f".formatted(mean) : "-";
    }
}
