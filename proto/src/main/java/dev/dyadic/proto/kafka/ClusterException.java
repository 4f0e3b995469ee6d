package dev.dyadic.proto.kafka;

import dev.dyadic.proto.DyadicException;
import org.jspecify.annotations.Nullable;

/// The cluster, a topic or a corpus is not as it has to be. The message is for the user and says what to do.
public final class ClusterException extends DyadicException {
    public ClusterException(String message) {
        super(Kind.OUTSIDE, message);
    }

    public ClusterException(String message, @Nullable Throwable cause) {
        super(Kind.OUTSIDE, message, cause);
    }
}
