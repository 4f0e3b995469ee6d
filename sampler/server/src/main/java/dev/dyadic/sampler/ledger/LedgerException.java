package dev.dyadic.sampler.ledger;

import dev.dyadic.proto.DyadicException;
import org.jspecify.annotations.Nullable;

/// The ledger topic cannot be read or written.
public final class LedgerException extends DyadicException {
    /// The ledger lacks records that it had.
    static LedgerException lost(String message) {
        return new LedgerException(Kind.DATA_LOSS, message, null);
    }

    private LedgerException(Kind kind, String message, @Nullable Throwable cause) {
        super(kind, message, cause);
    }

    public LedgerException(String message, @Nullable Throwable cause) {
        super(Kind.OUTSIDE, message, cause);
    }
}
