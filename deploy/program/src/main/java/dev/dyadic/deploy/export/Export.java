package dev.dyadic.deploy.export;

import dev.dyadic.proto.DirectoryLock;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.sampler.client.BatchPrefetcher;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.TokenFormat;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Writes steps of a run as files. The same steps, settings and program give the same files, however often the writing
/// was interrupted: files end at fixed steps, and what was not finished is written anew.
public final class Export {
    private static final int PREFETCH = 4;

    private final SamplerClient client;
    private final ExportFolder folder;
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
            long shardBytes) {
        public Settings {
            if (format.needsOneLength() && by != Grouping.lengths) {
                throw new InvalidException(
                        "--format numpy needs --by lengths: its files have no place for the lengths of rows");
            }
            if (endStep.isPresent() && endStep.getAsLong() <= firstStep) {
                throw new InvalidException("--steps must end after the step with which it begins, but was " + firstStep
                        + ".." + endStep.getAsLong());
            }
        }
    }

    /// @param manifest as it stands in the directory
    /// @param resumedAt the first step that was fetched to be written
    public record Result(ExportManifest manifest, long resumedAt) {}

    @FunctionalInterface
    public interface Progress {
        /// @param done steps that are there
        void update(long done, long steps);
    }

    private Export(SamplerClient client, ExportFolder folder, Progress progress) {
        this.client = client;
        this.folder = folder;
        this.progress = progress;
    }

    /// Writes what is missing.
    ///
    /// @throws InvalidException if the directory holds something else, or the run has no such steps
    /// @throws ExportException if the directory cannot be written, or a step is not what it should be
    public static Result run(SamplerClient client, Settings settings, Progress progress) {
        RunDescription run = client.describeRun(settings.run());
        ExportManifest.Selection selection = selection(run, settings);
        ExportFolder folder = new ExportFolder(settings.directory());
        // A folder that is refused is left as it is.
        Resume.of(folder.manifest(), selection, end(run, settings));
        try (DirectoryLock _ = folder.lock()) {
            Resume resume = Resume.of(folder.manifest(), selection, end(run, settings));
            return new Export(client, folder, progress).run(resume);
        } catch (IOException | DirectoryIteratorException e) {
            throw ExportException.unwritable(settings.directory(), e);
        }
    }

    private static ExportManifest.Selection selection(RunDescription run, Settings settings) {
        TokenFormat format = run.getFormat();
        long stepBytes = run.getSpec().getTokensPerStep() * format.getTokenWidth();
        return new ExportManifest.Selection(
                run.getName(),
                run.getRunId(),
                settings.format(),
                settings.by(),
                settings.firstStep(),
                run.getSpec().getTokensPerStep(),
                Math.max(1, settings.shardBytes() / stepBytes),
                new ExportManifest.Tokens(
                        Shard.Columns.tokenType(format.getTokenWidth()),
                        format.getLayout(),
                        format.getTokenizer(),
                        format.getTokenizerFile(),
                        format.getVocabularySize(),
                        format.getEndOfText(),
                        format.hasBeginOfText() ? format.getBeginOfText() : null));
    }

    private static Resume.End end(RunDescription run, Settings settings) {
        boolean isEnded = run.hasTotalSteps() || run.getClosed();
        long there = run.hasTotalSteps() ? run.getTotalSteps() : run.getStepsPlanned();
        long wanted = settings.endStep().orElse(there);
        if (isEnded && wanted > there) {
            throw new InvalidException(
                    "run " + run.getName() + " has " + there + " steps, but --steps goes up to " + wanted);
        }
        if (wanted <= settings.firstStep() && isEnded) {
            throw new InvalidException("run " + run.getName() + " has " + there + " steps, so none from step "
                    + settings.firstStep() + " on");
        }
        if (wanted <= settings.firstStep()) {
            throw new ExportException(
                    DyadicException.Kind.NOT_READY,
                    "run " + run.getName() + " is live and has " + there + " steps planned, so none from step "
                            + settings.firstStep() + " on yet: it is planned as it is trained. Name an end, as in"
                            + " --steps 0..1000, and the export has them planned, and waits for them",
                    null);
        }
        return new Resume.End(wanted, settings.endStep().isPresent());
    }

    private Result run(Resume resume) throws IOException {
        ExportManifest manifest = resume.manifest();
        folder.requireFiles(resume.there());
        requireSameSteps(resume.there());
        if (resume.there().isEmpty()) {
            folder.save(manifest);
        }
        if (!resume.isThere()) {
            manifest = folder.complete(write(manifest, resume.endStep()));
        }
        return new Result(manifest, resume.manifest().nextStep());
    }

    /// A run of a corpus that was made anew can have the same name and number.
    private void requireSameSteps(Optional<ExportManifest> there) throws IOException {
        if (there.isPresent() && there.get().nextStep() > there.get().export().firstStep()) {
            ExportManifest manifest = there.get();
            long last = manifest.nextStep() - 1;
            long kept = folder.digestOfStep(last - manifest.export().firstStep());
            long served = fetch(manifest.export(), last).getDigest();
            if (kept != served) {
                throw new InvalidException(
                        "%s holds another export: its step %d has the digest %016x, but the run's has %016x; name another --to"
                                .formatted(folder, last, kept, served));
            }
        }
    }

    private ExportManifest write(ExportManifest begun, long end) throws IOException {
        ExportManifest.Selection export = begun.export();
        ExportManifest manifest = begun;
        Map<Integer, Long> rows = new TreeMap<>();
        manifest.shards().forEach(file -> rows.merge(groupOf(file.length()), file.rows(), Long::sum));
        long first = export.firstStep();
        try (StepIndex index = folder.index(manifest.nextStep() - first);
                BatchPrefetcher batches =
                        new BatchPrefetcher(step -> fetch(export, step), manifest.nextStep(), end, PREFETCH)) {
            while (manifest.nextStep() < end) {
                long next = Math.min(end, manifest.nextStep() + export.stepsPerShard());
                String ledgerDigest = "";
                Map<Integer, ShardFile> shards = new TreeMap<>();
                try {
                    for (long number = manifest.nextStep(); number < next; number++) {
                        Batch batch = batches.next();
                        StepRows step = StepRows.of(batch, number);
                        int group = export.by() == Grouping.lengths ? step.length() : groupOf(null);
                        ShardFile shard = shards.get(group);
                        if (shard == null) {
                            shard = folder.shard(export, manifest.nextStep(), step);
                            shards.put(group, shard);
                        }
                        shard.add(step);
                        index.add(step, rows.merge(group, (long) step.rows(), Long::sum) - step.rows());
                        ledgerDigest = HexFormat.of()
                                .formatHex(batch.getManifestDigest().toByteArray());
                        progress.update(number + 1 - first, end - first);
                    }
                    List<ExportedFile> files = new ArrayList<>(manifest.shards());
                    for (ShardFile shard : shards.values()) {
                        files.add(shard.finish(next));
                    }
                    folder.placeShards(manifest, shards.values());
                    index.save();
                    manifest = manifest.at(next, ledgerDigest, files);
                    folder.save(manifest);
                } finally {
                    shards.values().forEach(ShardFile::close);
                }
            }
        }
        return manifest;
    }

    private Batch fetch(ExportManifest.Selection export, long step) {
        return client.getBatch(GetBatchRequest.newBuilder()
                .setRun(export.run())
                .setStep(step)
                .setWithSources(true)
                .setLooking(true)
                .build());
    }

    /// Rows of one group are counted together: those of a length, or all.
    private static int groupOf(@Nullable Integer length) {
        return length == null ? 0 : length;
    }
}
