package dev.dyadic.deploy.ops;

/// The port for operators cannot be opened.
public final class OpsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OpsException(String message, Throwable cause) {
        super(message, cause);
    }
}
