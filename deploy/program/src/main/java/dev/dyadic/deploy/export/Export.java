package dev.dyadic.deploy.export;

import dev.dyadic.proto.DirectoryLock;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.sampler.client.BatchPrefetcher;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.TokenFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Writes steps of a run as files. The same steps, settings and program give the same files, however often the writing
/// was interrupted: files end at fixed steps, and what was not finished is written anew.
public final class Export {
    /// With one line for each file, as `sha256sum --check` reads it.
    static final String SUMS = "SHA256SUMS";

    private static final int PREFETCH = 4;

    private final SamplerClient client;
    private final Settings settings;
    private final Progress progress;

    /// @param endStep first that is left out; absent: all that a bounded run has, or a live one has planned
    /// @param shardBytes about so many bytes of tokens come into the files between two points to go on from
    public record Settings(
            String run,
            Path directory,
            ExportFormat format,
            Grouping by,
            long firstStep,
            OptionalLong endStep,
            long shardBytes) {}

    /// @param manifest as it stands in the directory
    /// @param resumedAt the first step that was fetched
    public record Result(ExportManifest manifest, long resumedAt) {}

    @FunctionalInterface
    public interface Progress {
        /// @param done steps that are there
        void update(long done, long steps);
    }

    private Export(SamplerClient client, Settings settings, Progress progress) {
        this.client = client;
        this.settings = settings;
        this.progress = progress;
    }

    /// Writes what is missing.
    ///
    /// @throws InvalidException if the directory holds something else, or the run has no such steps
    /// @throws ExportException if the directory cannot be written, or a step is not what it should be
    public static Result run(SamplerClient client, Settings settings, Progress progress) {
        if (settings.format().needsOneLength() && settings.by() != Grouping.lengths) {
            throw new InvalidException(
                    "--format numpy needs --by lengths: its files have no place for the lengths of rows");
        }
        try (DirectoryLock _ = DirectoryLock.acquire(settings.directory())) {
            return new Export(client, settings, progress).run();
        } catch (IOException e) {
            throw ExportException.unwritable(settings.directory(), e);
        }
    }

    private Result run() throws IOException {
        ExportManifest wanted = wanted(client.describeRun(settings.run()));
        Optional<ExportManifest> there = ExportManifest.read(settings.directory());
        if (there.isEmpty()) {
            requireEmpty();
        }
        ExportManifest manifest = there.map(found -> goOn(found, wanted)).orElse(wanted);
        long resumedAt = manifest.nextStep();
        if (!manifest.complete()) {
            manifest = finish(write(clean(manifest)));
        }
        return new Result(manifest, resumedAt);
    }

    private ExportManifest wanted(RunDescription run) {
        long end = settings.endStep().orElse(run.hasTotalSteps() ? run.getTotalSteps() : run.getStepsPlanned());
        if (settings.firstStep() < 0 || end <= settings.firstStep()) {
            throw new InvalidException("run " + run.getName() + " has the steps from 0 up to " + end
                    + ", without it, but the first one wanted is " + settings.firstStep());
        }
        if (run.hasTotalSteps() && end > run.getTotalSteps()) {
            throw new InvalidException("run " + run.getName() + " has " + run.getTotalSteps()
                    + " steps, but the steps wanted go up to " + end);
        }
        TokenFormat format = run.getFormat();
        long stepBytes = run.getSpec().getTokensPerStep() * format.getTokenWidth();
        ExportManifest.Selection selection = new ExportManifest.Selection(
                run.getName(),
                run.getRunId(),
                settings.format(),
                settings.by(),
                settings.firstStep(),
                run.getSpec().getTokensPerStep(),
                Math.max(1, settings.shardBytes() / stepBytes),
                new ExportManifest.Tokens(
                        format.getTokenWidth() == Short.BYTES ? "uint16" : "uint32",
                        format.getLayout(),
                        format.getTokenizer(),
                        format.getTokenizerFile(),
                        format.getVocabularySize(),
                        format.getEndOfText(),
                        format.hasBeginOfText() ? format.getBeginOfText() : null));
        return new ExportManifest(ExportManifest.VERSION, false, selection, end, settings.firstStep(), "", List.of());
    }

    private void requireEmpty() throws IOException {
        try (Stream<Path> entries = Files.list(settings.directory())) {
            Optional<Path> other = entries.filter(
                            path -> !path.getFileName().toString().equals(DirectoryLock.FILE))
                    .sorted()
                    .findFirst();
            if (other.isPresent()) {
                throw new InvalidException(
                        settings.directory() + " holds " + other.get().getFileName()
                                + " and no export; name an empty folder, or one that is not there yet");
            }
        }
    }

    private ExportManifest goOn(ExportManifest there, ExportManifest wanted) {
        List<String> differences = there.export().differences(wanted.export());
        if (!differences.isEmpty()) {
            throw new InvalidException(settings.directory() + " holds another export: " + String.join(", ", differences)
                    + "; name another --to");
        }
        if (wanted.endStep() < there.endStep()) {
            throw new InvalidException(settings.directory() + " holds an export up to step " + there.endStep()
                    + ", but the steps wanted go up to " + wanted.endStep() + "; name another --to");
        }
        requireFiles(there);
        if (wanted.endStep() == there.endStep()) {
            return there;
        }
        // The last files of the shorter export are short of their steps.
        long whole = there.nextStep()
                - (there.nextStep() - there.export().firstStep())
                        % there.export().stepsPerShard();
        return there.at(
                        whole,
                        "",
                        there.files().stream()
                                .filter(file -> file.isShard() && file.firstStep() < whole)
                                .toList())
                .until(wanted.endStep());
    }

    private void requireFiles(ExportManifest there) {
        for (ExportedFile file : there.files()) {
            Path path = settings.directory().resolve(file.path());
            try {
                if (Files.size(path) == file.bytes()) {
                    continue;
                }
            } catch (IOException e) {
                // It is not there, which the message says.
            }
            throw new InvalidException(path + " is not as the export has left it, with " + file.bytes()
                    + " bytes; delete the folder and export anew, or name another --to");
        }
    }

    /// Deletes what does not belong to the export as far as it has come.
    private ExportManifest clean(ExportManifest manifest) throws IOException {
        manifest.write(settings.directory());
        List<Path> kept = manifest.files().stream()
                .map(file -> settings.directory().resolve(file.path()))
                .toList();
        try (Stream<Path> paths = Files.walk(settings.directory(), 2)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                String name = path.getFileName().toString();
                boolean isShard = name.startsWith(ShardFile.PREFIX) && !kept.contains(path);
                if (isShard || name.equals(MdsIndex.FILE) || name.equals(SUMS)) {
                    Files.delete(path);
                }
            }
        }
        return manifest;
    }

    private ExportManifest write(ExportManifest begun) throws IOException {
        ExportManifest manifest = begun;
        long end = manifest.endStep();
        Map<Integer, Long> rows = new TreeMap<>();
        manifest.files().forEach(file -> rows.merge(group(file.length()), file.rows(), Long::sum));
        try (StepIndex index = new StepIndex(
                        settings.directory(),
                        manifest.nextStep() - manifest.export().firstStep());
                BatchPrefetcher batches = new BatchPrefetcher(this::fetch, manifest.nextStep(), end, PREFETCH)) {
            while (manifest.nextStep() < end) {
                long next =
                        Math.min(end, manifest.nextStep() + manifest.export().stepsPerShard());
                List<ExportedFile> files = new ArrayList<>(manifest.files());
                Map<Integer, ShardFile> shards = new TreeMap<>();
                String ledgerDigest = "";
                try {
                    for (long number = manifest.nextStep(); number < next; number++) {
                        Batch batch = batches.next();
                        StepRows step = StepRows.of(batch);
                        ShardFile shard = shards.get(group(step));
                        if (shard == null) {
                            shard = new ShardFile(settings.directory(), manifest, step);
                            shards.put(group(step), shard);
                        }
                        shard.add(step);
                        index.add(step, rows.merge(group(step), (long) step.rows(), Long::sum) - step.rows());
                        ledgerDigest = HexFormat.of()
                                .formatHex(batch.getManifestDigest().toByteArray());
                        progress.update(
                                number + 1 - manifest.export().firstStep(),
                                end - manifest.export().firstStep());
                    }
                    for (ShardFile shard : shards.values()) {
                        files.add(shard.finish(next));
                    }
                } finally {
                    for (ShardFile shard : shards.values()) {
                        shard.close();
                    }
                }
                index.save();
                manifest = manifest.at(next, ledgerDigest, files);
                manifest.write(settings.directory());
            }
        }
        return manifest;
    }

    private Batch fetch(long step) {
        return client.getBatch(GetBatchRequest.newBuilder()
                .setRun(settings.run())
                .setStep(step)
                .setWithSources(true)
                .build());
    }

    /// Rows of one group come into one file: those of a length, or all.
    private int group(StepRows step) {
        return settings.by() == Grouping.lengths ? step.length() : 0;
    }

    private static int group(@Nullable Integer length) {
        return length == null ? 0 : length;
    }

    private ExportManifest finish(ExportManifest manifest) throws IOException {
        List<ExportedFile> shards = manifest.files();
        List<ExportedFile> all = new ArrayList<>(shards);
        if (manifest.export().format() == ExportFormat.mds) {
            for (String index : MdsIndex.write(settings.directory(), manifest.export(), shards)) {
                all.add(describe(manifest, index));
            }
        }
        all.add(describe(manifest, StepIndex.FILE));
        Files.write(
                settings.directory().resolve(SUMS),
                all.stream()
                        .sorted(Comparator.comparing(ExportedFile::path))
                        .map(file -> file.sha256() + "  " + file.path())
                        .toList());
        ExportManifest complete = manifest.completed(all);
        complete.write(settings.directory());
        return complete;
    }

    /// A file that is not a shard.
    private ExportedFile describe(ExportManifest manifest, String path) throws IOException {
        return ExportedFile.of(settings.directory(), path, manifest.export().firstStep(), manifest.endStep());
    }
}
