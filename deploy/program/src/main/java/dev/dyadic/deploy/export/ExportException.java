package dev.dyadic.deploy.export;

import dev.dyadic.proto.DyadicException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// An export cannot be written, or what came is not what it should be. The message is for the user.
public final class ExportException extends DyadicException {
    private static final long serialVersionUID = 1L;

    ExportException(Kind kind, String message, @Nullable Throwable cause) {
        super(kind, message, cause);
    }

    static ExportException unwritable(Path directory, Exception cause) {
        return new ExportException(
                Kind.OUTSIDE,
                "cannot write to " + directory + ": " + cause.getMessage()
                        + "; when that is mended, the same command goes on where this one has come to",
                cause);
    }
}
