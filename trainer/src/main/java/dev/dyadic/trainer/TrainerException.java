package dev.dyadic.trainer;

import org.jspecify.annotations.Nullable;

/// Training cannot start or go on. The message is for the user.
public final class TrainerException extends RuntimeException {
    public TrainerException(String message) {
        this(message, null);
    }

    public TrainerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
