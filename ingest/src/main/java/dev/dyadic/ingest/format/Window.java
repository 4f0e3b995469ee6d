package dev.dyadic.ingest.format;

import dev.dyadic.ingest.bytes.DamagedException;
import dev.dyadic.ingest.bytes.Unpacked;
import java.io.EOFException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The bytes of an input around the entry that is being read. It grows with the entry.
final class Window {
    private static final int READ_BYTES = 256 << 10;
    /// What damage counts in offsets, so that before it and behind it are two.
    private static final int GAP_BYTES = 1;

    private final Unpacked source;
    private byte[] bytes = new byte[2 * READ_BYTES];
    private int begin;
    private int limit;
    private long offset;
    /// Damage that a look ahead has met.
    private @Nullable DamagedException met;

    Window(Unpacked source) {
        this.source = source;
    }

    /// The array that holds what was read; it is only read, and is another one after [#more].
    byte[] bytes() {
        return bytes;
    }

    /// Where the entry begins in the array; another place after [#more].
    int begin() {
        return begin;
    }

    /// How much was read from the beginning of the entry on.
    int length() {
        return limit - begin;
    }

    /// Where the entry begins in the input.
    long offset() {
        return offset;
    }

    /// Reads more behind what is there.
    ///
    /// @return whether there was more
    boolean more() throws IOException {
        if (met != null) {
            DamagedException damage = met;
            met = null;
            throw damage;
        }
        if (bytes.length - limit < READ_BYTES) {
            byte[] to = limit - begin <= bytes.length / 2 ? bytes : new byte[2 * bytes.length];
            System.arraycopy(bytes, begin, to, 0, limit - begin);
            bytes = to;
            limit -= begin;
            begin = 0;
        }
        int read = source.read(bytes, limit, READ_BYTES);
        limit += Math.max(read, 0);
        return read > 0;
    }

    /// As [#more], for those who look ahead: damage ends the look, and nothing before it.
    boolean lookFurther() throws IOException {
        if (met != null) {
            return false;
        }
        try {
            return more();
        } catch (DamagedException e) {
            met = e;
            return false;
        }
    }

    /// The next entry begins so many bytes behind this one.
    void advance(int length) {
        begin += length;
        offset += length;
        if (begin == limit && bytes.length > 2 * READ_BYTES) {
            bytes = new byte[2 * READ_BYTES];
            begin = 0;
            limit = 0;
        }
    }

    /// The next entry begins at this offset, which is not before this one, and was reached before.
    void skipTo(long target) throws IOException {
        advance((int) Math.min(target - offset, length()));
        while (target > offset) {
            try {
                if (met != null) {
                    met = null;
                    source.recover();
                    offset += GAP_BYTES;
                    continue;
                }
                long skipped = source.skip(target - offset);
                if (skipped == 0) {
                    // A stream may skip nothing, and not be at its end.
                    if (source.read() < 0) {
                        throw new EOFException("it ends before byte " + target + ", up to which it was read before");
                    }
                    skipped = 1;
                }
                offset += skipped;
            } catch (DamagedException e) {
                // It was told when it was met first.
                source.recover();
                offset += GAP_BYTES;
            }
        }
    }

    /// Goes on behind a damaged part of the input.
    ///
    /// @return whether anything follows
    boolean recover() throws IOException {
        advance(length());
        offset += GAP_BYTES;
        return source.recover();
    }
}
