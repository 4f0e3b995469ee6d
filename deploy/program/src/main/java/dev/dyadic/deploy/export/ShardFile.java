package dev.dyadic.deploy.export;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// A shard that is being written under another name, and takes its own when it is whole.
final class ShardFile implements AutoCloseable {
    static final String PREFIX = "shard-";
    private static final String UNFINISHED = ".part";

    private final Path directory;
    private final String path;
    private final Path unfinished;
    private final long firstStep;
    private final @Nullable Integer length;
    private final @Nullable Integer rowTokens;
    private final Shard shard;
    private long rows;
    private long digest;
    private boolean open = true;

    /// The file that begins at the manifest's next step.
    ///
    /// @param first that comes into it
    ShardFile(Path directory, ExportManifest manifest, StepRows first) throws IOException {
        ExportManifest.Selection export = manifest.export();
        boolean oneLength = export.by() == Grouping.lengths;
        this.directory = directory;
        this.firstStep = manifest.nextStep();
        this.length = oneLength ? first.length() : null;
        this.rowTokens = oneLength ? first.rowTokens() : null;
        long number = (firstStep - export.firstStep()) / export.stepsPerShard();
        this.path = (oneLength ? "length-%05d/".formatted(first.length()) : "")
                + "%s%05d%s".formatted(PREFIX, number, export.format().suffix());
        this.unfinished = directory.resolve(path + UNFINISHED);
        if (oneLength) {
            Files.createDirectories(directory.resolve(path).getParent());
        }
        this.shard = export.format().open(unfinished, new Shard.Columns(first.tokenBytes(), rowTokens));
    }

    void add(StepRows step) throws IOException {
        shard.add(step);
        rows += step.rows();
        digest += step.digest();
    }

    ExportedFile finish(long endStep) throws IOException {
        close();
        try (FileChannel written = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
            written.force(true);
        }
        Path file = directory.resolve(path);
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return new ExportedFile(
                path,
                Files.size(file),
                ExportedFile.sha256(file),
                firstStep,
                endStep,
                length,
                rowTokens,
                rows,
                "%016x".formatted(digest));
    }

    @Override
    public void close() throws IOException {
        if (open) {
            open = false;
            shard.close();
        }
    }
}
