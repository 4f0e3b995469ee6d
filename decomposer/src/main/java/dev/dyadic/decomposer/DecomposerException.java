package dev.dyadic.decomposer;

import dev.dyadic.proto.DyadicException;
import org.jspecify.annotations.Nullable;

/// The decomposer cannot start, or had to stop. The message is for the user.
public final class DecomposerException extends DyadicException {
    public DecomposerException(String message, @Nullable Throwable cause) {
        super(Kind.OUTSIDE, message, cause);
    }
}
