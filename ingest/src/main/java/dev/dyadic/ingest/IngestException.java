package dev.dyadic.ingest;

import org.jspecify.annotations.Nullable;

/// An input cannot be read, or Kafka does not take documents. The message is for the user.
public final class IngestException extends RuntimeException {
    public IngestException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
