package dev.dyadic.deploy.broker;

import dev.dyadic.proto.DyadicException;
import org.jspecify.annotations.Nullable;

/// The embedded broker cannot start. The message is for the user.
public final class BrokerException extends DyadicException {
    public BrokerException(String message, @Nullable Throwable cause) {
        super(Kind.OUTSIDE, message, cause);
    }
}
