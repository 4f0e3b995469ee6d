package dev.dyadic.deploy.ops;

import dev.dyadic.proto.DyadicException;
/// The port for operators cannot be opened.

public final class OpsException extends DyadicException {
    private static final long serialVersionUID = 1L;

    OpsException(String message, Throwable cause) {
        super(Kind.OUTSIDE, message, cause);
    }
}
