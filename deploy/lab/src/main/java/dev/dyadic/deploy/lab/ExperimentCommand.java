package dev.dyadic.deploy.lab;

import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.StepLines;
import dev.dyadic.deploy.commands.print.Table;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.commands.process.Interruption;
import dev.dyadic.deploy.experiment.Experiment;
import dev.dyadic.deploy.experiment.ExperimentPage;
import dev.dyadic.deploy.experiment.ExperimentResult;
import dev.dyadic.deploy.experiment.ExperimentSettings;
import dev.dyadic.deploy.experiment.Variant;
import dev.dyadic.trainer.TrainProgress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "experiment",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs the paper's comparison: trains the same model on the same text, (a) concatenated and cut into chunks of the"
                    + " longest length, (b) the same with a document mask, (c) decomposed, by several curricula; and shows time"
                    + " and hold-out loss of each, as a table and as a page.",
            "Everything runs in this process, over a temporary directory.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic experiment --input medium.jsonl              the small form: half an hour on 2 cores",
            "  dyadic experiment --quick                           the bundled sample, two minutes",
            "  dyadic experiment --input medium.jsonl --text-mb 20 --model small --variants grow-p2-8",
        })
final class ExperimentCommand implements Callable<Integer> {
    private static final int MEGABYTE = 1_000_000;

    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Option(names = "--input", paramLabel = "FILE", description = "JSON lines; default: the bundled sample.")
    private @Nullable Path input;

    @Option(names = "--quick", description = "A form that takes two minutes, to see that everything works.")
    private boolean quick;

    @Option(
            names = "--page",
            paramLabel = "DIR",
            defaultValue = "experiment",
            description = "Where the page with the results goes; default ${DEFAULT-VALUE}.")
    private Path page = Path.of("experiment");

    @Option(names = "--text-mb", description = "Megabytes of text that are taken; default 4, quick 0.4.")
    private @Nullable Double textMegabytes;

    @Option(
            names = "--tokenizer",
            defaultValue = "bytes",
            description = "A tokenizer that Dyadic brings; default ${DEFAULT-VALUE}.")
    private String tokenizer = "bytes";

    @Option(names = "--min-length", defaultValue = "64", description = "Shortest length; default ${DEFAULT-VALUE}.")
    private int minLength;

    @Option(names = "--max-length", description = "Of the decomposition, and of every chunk; default 4096, quick 1024.")
    private @Nullable Integer maxLength;

    @Option(names = "--tokens-per-step", description = "A multiple of the longest length; default: the longest length.")
    private @Nullable Integer tokensPerStep;

    @Option(names = "--model", defaultValue = "tiny", description = "As of 'train'; default ${DEFAULT-VALUE}.")
    private String model = "tiny";

    @Option(names = "--learning-rate", defaultValue = "3e-3", description = "Peak; default ${DEFAULT-VALUE}.")
    private double learningRate;

    @Option(
            names = "--holdout",
            defaultValue = "0.06",
            description = "Share of the documents; default ${DEFAULT-VALUE}.")
    private double holdOut;

    @Option(names = "--looks", description = "At the hold-out, in each training; default 10, quick 3.")
    private @Nullable Integer looks;

    @Option(names = "--seed", defaultValue = "0", description = "Of every order; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--variants",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Of chunks, chunks-masked, uniform-1, uniform-8, grow-p2-1, grow-p2-8, grow-p100-1, grow-p100-8;"
                            + " default: all. The first is always there.")
    private List<String> variants = List.of();

    @Option(names = "--threads", defaultValue = "0", description = "Of one operator; default: the engine's.")
    private int threads;

    @Override
    public Integer call() {
        Output out = outputOptions.open();
        int longest = maxLength != null ? maxLength : quick ? 1024 : 4096;
        ExperimentSettings settings = new ExperimentSettings(
                Optional.ofNullable(input),
                Math.round(MEGABYTE * (textMegabytes != null ? textMegabytes : quick ? 0.4 : 4)),
                tokenizer,
                minLength,
                longest,
                tokensPerStep != null ? tokensPerStep : longest,
                model,
                learningRate,
                holdOut,
                looks != null ? looks : quick ? 3 : 10,
                seed,
                variants,
                threads);
        AtomicReference<@Nullable Experiment> running = new AtomicReference<>();
        Interruption interruption = Interruption.install(() -> {
            Experiment experiment = running.get();
            if (experiment != null) {
                experiment.stop();
            }
        });
        ExperimentResult result;
        try (Lines lines = new Lines(out)) {
            Experiment experiment = new Experiment(settings, lines);
            running.set(experiment);
            if (interruption.isAsked()) {
                experiment.stop();
            }
            result = experiment.run();
        } catch (CancellationException e) {
            out.note("Stopped: nothing is written.");
            return ExitCodes.FAILED;
        }
        Path written = ExperimentPage.write(result, page);
        out.json(result);
        Table table = new Table(ExperimentPage.columns(result).toArray(String[]::new));
        result.variants()
                .forEach(trained -> table.row(
                        (Object[]) ExperimentPage.cells(result, trained).toArray(String[]::new)));
        out.table(table);
        out.text("");
        out.text("Hold-out losses in nats a token: over whole documents, and on rows of each length. See %s.", written);
        return ExitCodes.OK;
    }

    /// A training after the other, each with its own bar or lines.
    private static final class Lines implements Experiment.Progress, AutoCloseable {
        private final Output output;
        private @Nullable StepLines lines;

        Lines(Output output) {
            this.output = output;
        }

        @Override
        public void prepared(String what) {
            output.note("%s", what);
        }

        @Override
        public TrainProgress training(Variant variant, int number, int count) {
            close();
            output.note("%d of %d: %s", number, count, variant.title());
            StepLines next = new StepLines(output);
            lines = next;
            return next;
        }

        @Override
        public void close() {
            if (lines != null) {
                lines.close();
                lines = null;
            }
        }
    }
}
