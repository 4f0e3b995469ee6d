package dev.dyadic.deploy.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A shard that is being written, under another name than its own.
final class ShardFile implements AutoCloseable {
    private final String path;
    private final Path file;
    private final long firstStep;
    private final @Nullable Integer length;
    private final @Nullable Integer rowTokens;
    private final Shard shard;
    private long rows;
    private long digest;

    /// @param firstStep of all shards that are written together
    /// @param first that comes into this one
    ShardFile(Path directory, ExportManifest.Selection export, long firstStep, StepRows first) throws IOException {
        boolean hasOneLength = export.by() == Grouping.lengths;
        this.firstStep = firstStep;
        this.length = hasOneLength ? first.length() : null;
        this.rowTokens = hasOneLength ? first.rowTokens() : null;
        long number = (firstStep - export.firstStep()) / export.stepsPerShard();
        this.path = (hasOneLength ? "length-%05d/".formatted(first.length()) : "")
                + "shard-%05d%s".formatted(number, export.format().suffix());
        this.file = directory.resolve(path);
        Files.createDirectories(file.toAbsolutePath().getParent());
        this.shard = export.format().open(unfinished(), new Shard.Columns(first.tokenBytes(), rowTokens));
    }

    void add(StepRows step) throws IOException {
        shard.add(step);
        rows += step.rows();
        digest += step.digest();
    }

    /// Writes what is left. The file has yet to get its name.
    ExportedFile finish(long endStep) throws IOException {
        shard.finish();
        return new ExportedFile(
                path,
                Files.size(unfinished()),
                ExportedFile.sha256(unfinished()),
                firstStep,
                endStep,
                length,
                rowTokens,
                rows,
                "%016x".formatted(digest));
    }

    Path file() {
        return file;
    }

    Path unfinished() {
        return file.resolveSibling(file.getFileName() + ExportFolder.UNFINISHED);
    }

    @Override
    public void close() {
        shard.close();
    }
}
