package dev.dyadic.sampler.serve;

import org.jspecify.annotations.Nullable;

/// A call cannot be answered. The kind decides the gRPC status; the message is for the caller.
public final class SamplerException extends RuntimeException {
    public enum Kind {
        /// The request is wrong.
        INVALID,
        NOT_FOUND,
        /// The spec or the checkpoint differs from the ledger.
        MISMATCH,
        /// Not now, perhaps later.
        NOT_READY,
        OUT_OF_RANGE,
        TOO_MANY_CALLS,
        DATA_LOSS
    }

    private final Kind kind;

    public SamplerException(Kind kind, String message) {
        this(kind, message, null);
    }

    public SamplerException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
