package dev.dyadic.sampler.segments;

import dev.dyadic.proto.DyadicException;
import org.jspecify.annotations.Nullable;

/// The sampler's disk does not do what it should. The message is for the user.
public class StorageException extends DyadicException {
    public StorageException(String message, @Nullable Throwable cause) {
        super(Kind.DATA_LOSS, message, cause);
    }
}
