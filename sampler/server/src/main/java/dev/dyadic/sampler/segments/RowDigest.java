package dev.dyadic.sampler.segments;

import dev.dyadic.proto.SplitMix64;

/// Digests of rows. See docs/order.md, "Row digest" and "Batch digest".
public final class RowDigest {
    private RowDigest() {}

    /// The digest of a row at its place in the log.
    ///
    /// @param contentHash XXH64 of the row's bytes
    public static long inLog(long contentHash, long offset) {
        return SplitMix64.key(contentHash, offset);
    }

    /// Of a row at its place in a step. A slice's digest is the sum over its rows, modulo 2^64.
    ///
    /// @param contentHash XXH64 of the row's bytes
    public static long inStep(long contentHash, long step, int row) {
        return SplitMix64.key(contentHash, step, row);
    }
}
