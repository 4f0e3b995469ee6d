package dev.dyadic.proto.rpc;

import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a file says, read anew when the file has changed. A file that can no longer be read, or that is wrong, leaves
/// what was read before in force, and is warned of.
final class FileWatch<T> {
    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
    /// A change is seen by the first use after so long.
    static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Path file;
    private final Parser<T> parser;
    private volatile T value;
    private FileTime modified;
    private long lookedNanos = System.nanoTime();

    /// @param <T> what the file says
    @FunctionalInterface
    interface Parser<T> {
        /// @throws InvalidException where the text is wrong; says the line, and never shows its content
        T parse(String text);
    }

    /// @throws InvalidException where the file cannot be read or is wrong
    FileWatch(Path file, Parser<T> parser) {
        this.file = file;
        this.parser = parser;
        try {
            this.modified = Files.getLastModifiedTime(file);
            this.value = parser.parse(Files.readString(file));
        } catch (IOException e) {
            throw new InvalidException(file + " must be a readable file, but is not: " + e, e);
        }
    }

    T get() {
        if (System.nanoTime() - lookedNanos > LOOK_NANOS) {
            look();
        }
        return value;
    }

    private synchronized void look() {
        if (System.nanoTime() - lookedNanos <= LOOK_NANOS) {
            return;
        }
        lookedNanos = System.nanoTime();
        try {
            FileTime now = Files.getLastModifiedTime(file);
            if (!now.equals(modified)) {
                modified = now;
                value = parser.parse(Files.readString(file));
                LOG.info("read anew, file={}", file);
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("not read anew, what it said before stays in force, file={} reason={}", file, e.getMessage());
        }
    }
}
