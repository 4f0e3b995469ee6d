package dev.dyadic.sampler.segments;

import java.io.IOException;
import java.nio.file.Path;

/// Rows cannot be written now, as where the disk is full. What was written before is there, and what was to be written
/// is kept: the same can be tried again.
public final class DiskException extends StorageException {
    private static final long serialVersionUID = 1L;

    DiskException(Path directory, IOException cause) {
        super("cannot write rows to " + directory + ": " + cause.getMessage(), cause);
    }
}
