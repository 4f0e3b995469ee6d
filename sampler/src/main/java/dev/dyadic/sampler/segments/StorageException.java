package dev.dyadic.sampler.segments;

import org.jspecify.annotations.Nullable;

/// The sampler's disk does not do what it should. The message is for the user.
public final class StorageException extends RuntimeException {
    public StorageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
