package dev.dyadic.deploy.export;

import dev.dyadic.proto.DyadicException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// An export cannot be written, or what came is not what it should be. The message is for the user.
public final class ExportException extends DyadicException {
    private static final long serialVersionUID = 1L;

    ExportException(Kind kind, String message, @Nullable Throwable cause) {
        super(kind, message, cause);
    }

    /// Java's exceptions of the file system often have nothing but the path as their message.
    private static String reason(Exception cause) {
        return switch (cause) {
            case NotDirectoryException _ -> "it is no folder";
            case AccessDeniedException e -> e.getFile() + " may not be written";
            case FileSystemException e
            when e.getReason() == null -> e.getFile() + " (" + cause.getClass().getSimpleName() + ")";
            default -> String.valueOf(cause.getMessage());
        };
    }

    static ExportException unwritable(Path directory, Exception cause) {
        return new ExportException(
                Kind.OUTSIDE,
                "cannot write to " + directory + ": " + reason(cause)
                        + "; when that is mended, the same command goes on where this one has come to",
                cause);
    }
}
