package dev.dyadic.trainer;

import dev.dyadic.proto.DyadicException;
import org.jspecify.annotations.Nullable;

/// Training cannot start or go on. The message is for the user.
public final class TrainerException extends DyadicException {
    public TrainerException(String message) {
        this(message, null);
    }

    public TrainerException(String message, @Nullable Throwable cause) {
        super(Kind.OUTSIDE, message, cause);
    }
}
