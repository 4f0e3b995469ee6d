package dev.dyadic.deploy.cli;

import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.trainer.TrainReport;
import dev.dyadic.trainer.TrainSettings;
import dev.dyadic.trainer.Trainer;
import dev.dyadic.trainer.model.AdamW;
import java.nio.file.Path;
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
        description =
                "Trains a decoder-only transformer on a run's batches, from the newest checkpoint on where there is one."
                        + " Ctrl-C ends it with a checkpoint.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic train pretrain --steps 1000 --checkpoints checkpoints/pretrain",
            "  dyadic train live --model small --steps 100000 --learning-rate 1e-3 --checkpoint-every 500",
        })
final class TrainCommand implements Callable<Integer> {
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

    @Option(names = "--model", defaultValue = "tiny", description = "tiny or small; default ${DEFAULT-VALUE}.")
    private String model = "tiny";

    @Option(names = "--seed", defaultValue = "0", description = "Of the first weights; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--learning-rate", defaultValue = "3e-3", description = "Peak; default ${DEFAULT-VALUE}.")
    private double learningRate;

    @Option(names = "--warmup", paramLabel = "STEPS", defaultValue = "20", description = "Default ${DEFAULT-VALUE}.")
    private long warmup;

    @Option(names = "--checkpoints", paramLabel = "DIR", description = "Where to keep them; default: none are kept.")
    private @Nullable Path checkpoints;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "STEPS",
            defaultValue = "100",
            description = "Default ${DEFAULT-VALUE}; one is also written at the end.")
    private long checkpointEvery;

    @Option(names = "--prefetch", defaultValue = "4", description = "Batches in flight; default ${DEFAULT-VALUE}.")
    private int prefetch;

    @Option(
            names = "--micro-tokens",
            paramLabel = "TOKENS",
            defaultValue = "" + TrainSettings.DEFAULT_MICRO_TOKENS,
            description = "Positions whose gradients are computed at once: memory grows with it, and not with the step."
                    + " Default ${DEFAULT-VALUE}.")
    private int microTokens;

    @Option(names = "--threads", defaultValue = "0", description = "Of one operator; default: the engine's.")
    private int threads;

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        AtomicReference<@Nullable Trainer> running = new AtomicReference<>();
        Interruption interruption = Interruption.install(() -> {
            Trainer trainer = running.get();
            if (trainer != null) {
                trainer.stop();
            }
        });
        TrainSettings settings = new TrainSettings(
                run,
                model,
                seed,
                steps,
                learningRate,
                warmup,
                AdamW.DEFAULT,
                Optional.ofNullable(checkpoints),
                checkpointEvery,
                prefetch,
                microTokens,
                threads);
        TrainReport report;
        try (SamplerClient client = samplerOptions.connect();
                StepLines lines = new StepLines(output)) {
            Trainer trainer = new Trainer(client, settings, lines);
            running.set(trainer);
            if (interruption.isAsked()) {
                trainer.stop();
            }
            report = trainer.train();
        }
        output.json(report);
        print(output, report);
        return ExitCodes.OK;
    }

    static void print(Output output, TrainReport report) {
        Float first = report.firstLoss();
        Float last = report.lastLoss();
        if (first == null || last == null) {
            output.text("Trained no step: %s.", report.ended());
            return;
        }
        output.text(
                "Trained steps %d to %d in %.1f s (%s); %.1f %% of the time waiting for batches.",
                report.firstStep(),
                report.firstStep() + report.steps() - 1,
                report.seconds(),
                report.ended(),
                report.waitedPart() * 100);
        output.text(
                "Loss of the first step %.3f, mean of the last five %.3f, in nats per token; for each length, means of five:",
                first, last);
        Table table = new Table("length", "steps", "first", "last");
        for (TrainReport.LengthLoss loss : report.byLength()) {
            table.row(loss.length(), loss.steps(), "%.3f".formatted(loss.first()), "%.3f".formatted(loss.last()));
        }
        output.table(table);
    }
}
