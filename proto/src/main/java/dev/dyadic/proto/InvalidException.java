package dev.dyadic.proto;

import org.jspecify.annotations.Nullable;

/// A request, an option, a setting or a file is wrong. The message has key, rule and value.
public final class InvalidException extends DyadicException {
    private static final long serialVersionUID = 1L;

    public InvalidException(String message) {
        this(message, null);
    }

    public InvalidException(String message, @Nullable Throwable cause) {
        super(Kind.INVALID, message, cause);
    }
}
