package dev.dyadic.decomposer;

import org.jspecify.annotations.Nullable;

/// The decomposer cannot start, or had to stop. The message is for the user.
public final class DecomposerException extends RuntimeException {
    public DecomposerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
