package dev.dyadic.deploy.commands.run;

import dev.dyadic.deploy.commands.options.Amounts;
import dev.dyadic.deploy.commands.options.SamplerCommand;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.ProgressBars;
import dev.dyadic.deploy.commands.process.Interruption;
import dev.dyadic.deploy.export.Export;
import dev.dyadic.deploy.export.ExportFormat;
import dev.dyadic.deploy.export.ExportManifest;
import dev.dyadic.deploy.export.Grouping;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.client.SamplerClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Writes the steps of a run as files that other loaders read: raw arrays (numpy.memmap, OLMo-core), shards",
            "of MosaicML Streaming, or Parquet (datasets, pyarrow). manifest.json has a digest of each file, SHA256SUMS",
            "is for sha256sum --check, steps.npy has the length, the rows and the digest of each step. The same steps",
            "give the same files. What was interrupted goes on when the same command is given again, and so does the",
            "export of a live run when more steps are planned.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic export pretrain --to steps --format parquet",
            "  dyadic export pretrain --to olmo --format numpy --steps 0..10000",
            "  dyadic export pretrain --to mds --format mds --by lengths --shard-size 64Mi"
        })
public final class ExportCommand extends SamplerCommand {
    private static final long MIN_SHARD = 1 << 20;
    private static final long MAX_SHARD = 2L << 30;

    @Parameters(paramLabel = "RUN", description = "Name of the run.")
    private String run = "";

    @Option(
            names = "--to",
            required = true,
            paramLabel = "DIR",
            description = "Where the files go: an empty folder, one that is not there yet, or one that an earlier"
                    + " export of the same has left.")
    private Path directory = Path.of("");

    @Option(names = "--format", required = true, paramLabel = "FORMAT", description = "${COMPLETION-CANDIDATES}.")
    private ExportFormat format = ExportFormat.parquet;

    @Option(
            names = "--by",
            paramLabel = "GROUPING",
            description = "${COMPLETION-CANDIDATES}: files of steps that follow one another, or of the rows of one"
                    + " length, in a folder for each length; default: lengths for numpy, else steps.")
    private @Nullable Grouping by;

    @Option(
            names = "--steps",
            paramLabel = "A..B",
            defaultValue = "0..",
            description = "From step A up to step B, without B; default: all that a bounded run has, or a live run"
                    + " has planned.")
    private String steps = "0..";

    @Option(
            names = "--shard-size",
            paramLabel = "BYTES",
            defaultValue = "256Mi",
            description = "About so many bytes of tokens come into a file, or into the files of all lengths together,"
                    + " before others are begun; default ${DEFAULT-VALUE}.")
    private long shardBytes = 256 << 20;

    @Override
    protected void run(Output output, SamplerClient client) {
        if (shardBytes < MIN_SHARD || shardBytes > MAX_SHARD) {
            throw new InvalidException("--shard-size must be from 1Mi to 2Gi, but was " + shardBytes);
        }
        int dots = steps.indexOf("..");
        if (dots < 0) {
            throw wrongSteps();
        }
        OptionalLong first = step(steps.substring(0, dots));
        OptionalLong end = step(steps.substring(dots + 2));
        Grouping grouping = by != null ? by : format == ExportFormat.numpy ? Grouping.lengths : Grouping.steps;
        Export.Settings settings =
                new Export.Settings(run, directory, format, grouping, first.orElse(0), end, shardBytes);
        Interruption.tell(() -> {
            // A bar may stand on the line.
            output.note("%nStopped.");
            tellWhatStays(output);
        });
        long before = System.nanoTime();
        Export.Result result;
        try (ProgressBar bar = ProgressBars.of("export").build()) {
            result = Export.run(client, settings, (done, all) -> {
                bar.maxHint(all);
                bar.stepTo(done);
            });
        } catch (SamplerClientException e) {
            tellWhatStays(output);
            throw e;
        }
        print(output, result, (System.nanoTime() - before) / 1e9);
    }

    private void tellWhatStays(Output output) {
        if (Files.exists(directory.resolve(ExportManifest.FILE))) {
            output.note("What is written whole stays in %s: the same command goes on from there.", directory);
        }
    }

    private OptionalLong step(String number) {
        try {
            return number.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Amounts.count(number));
        } catch (TypeConversionException e) {
            throw wrongSteps();
        }
    }

    private InvalidException wrongSteps() {
        return new InvalidException("--steps must be A..B, A.. or ..B, such as 0..1000 or 10k..20k, but was " + steps);
    }

    private void print(Output output, Export.Result result, double seconds) {
        ExportManifest manifest = result.manifest();
        ExportManifest.Selection export = manifest.export();
        long files = manifest.files().size();
        output.json(Facts.of("run", export.run())
                .and("directory", directory.toString())
                .and("format", export.format())
                .and("by", export.by())
                .and("firstStep", export.firstStep())
                .and("endStep", manifest.nextStep())
                .and("resumedAt", result.resumedAt())
                .and("rows", manifest.rows())
                .and("files", files)
                .and("bytes", manifest.bytes())
                .and("seconds", seconds));
        if (result.resumedAt() == manifest.nextStep()) {
            output.text("All steps from %,d up to %,d are there already.", export.firstStep(), manifest.nextStep());
        } else if (result.resumedAt() > export.firstStep()) {
            output.text("Went on at step %,d.", result.resumedAt());
        }
        output.text(
                "Steps %,d up to %,d of run %s: %,d rows in %,d files, %,d bytes, in %.1f s.",
                export.firstStep(),
                manifest.nextStep(),
                export.run(),
                manifest.rows(),
                files,
                manifest.bytes(),
                seconds);
        output.text("Digests are in %s.", directory.resolve(ExportManifest.FILE));
    }
}
