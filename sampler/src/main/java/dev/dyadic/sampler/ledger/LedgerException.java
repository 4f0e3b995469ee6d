package dev.dyadic.sampler.ledger;

import org.jspecify.annotations.Nullable;

/// The ledger topic cannot be read or written.
public final class LedgerException extends RuntimeException {
    public LedgerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
