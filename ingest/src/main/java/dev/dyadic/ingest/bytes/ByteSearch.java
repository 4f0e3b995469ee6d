package dev.dyadic.ingest.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Looks for bytes, eight at a time.
public final class ByteSearch {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private ByteSearch() {}

    /// Where the first of these bytes stands in `[from, to)`, or `to`.
    ///
    /// @param wanted ASCII
    public static int find(byte[] bytes, int from, int to, char wanted) {
        int at = from;
        while (at + Long.BYTES <= to) {
            long found = zeros((long) LONG.get(bytes, at) ^ (wanted * ONES));
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >>> 3);
            }
            at += Long.BYTES;
        }
        while (at < to && bytes[at] != wanted) {
            at++;
        }
        return at;
    }

    /// Where the first of either byte stands in `[from, to)`, or `to`.
    ///
    /// @param wanted ASCII
    /// @param or ASCII
    public static int find(byte[] bytes, int from, int to, char wanted, char or) {
        int at = from;
        while (at + Long.BYTES <= to) {
            long word = (long) LONG.get(bytes, at);
            long found = zeros(word ^ (wanted * ONES)) | zeros(word ^ (or * ONES));
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >>> 3);
            }
            at += Long.BYTES;
        }
        while (at < to && bytes[at] != wanted && bytes[at] != or) {
            at++;
        }
        return at;
    }

    /// The high bit of each byte that is zero; the lowest one is right, those above it may be set too.
    private static long zeros(long word) {
        return (word - ONES) & ~word & HIGH_BITS;
    }
}
