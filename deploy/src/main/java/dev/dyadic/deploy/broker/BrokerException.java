package dev.dyadic.deploy.broker;

import org.jspecify.annotations.Nullable;

/// The embedded broker cannot start. The message is for the user.
public final class BrokerException extends RuntimeException {
    public BrokerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
