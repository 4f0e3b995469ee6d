package dev.dyadic.ingest;

import dev.dyadic.proto.DyadicException;
import org.jspecify.annotations.Nullable;

/// An input cannot be read, or Kafka does not take documents. The message is for the user.
public final class IngestException extends DyadicException {
    public IngestException(String message, @Nullable Throwable cause) {
        super(Kind.OUTSIDE, message, cause);
    }
}
