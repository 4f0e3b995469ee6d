package dev.dyadic.deploy.local;

import dev.dyadic.proto.DyadicException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/// Directories that a program makes for itself.
public final class Directories {
    private Directories() {}

    /// Deletes a directory with all that is in it; one that is not there is fine.
    public static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new DyadicException(DyadicException.Kind.OUTSIDE, "cannot delete " + directory + ": " + e, e);
        }
    }
}
