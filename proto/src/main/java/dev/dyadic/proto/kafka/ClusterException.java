package dev.dyadic.proto.kafka;

import org.jspecify.annotations.Nullable;

/// The cluster, a topic or a corpus is not as it has to be. The message is for the user and says what to do.
public final class ClusterException extends RuntimeException {
    public ClusterException(String message) {
        super(message);
    }

    public ClusterException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
