package dev.dyadic.sampler.ledger;

import dev.dyadic.proto.DyadicException;
import org.jspecify.annotations.Nullable;

/// The ledger topic cannot be read or written.
public final class LedgerException extends DyadicException {
    public LedgerException(String message, @Nullable Throwable cause) {
        super(Kind.OUTSIDE, message, cause);
    }
}
