package dev.dyadic.ingest.bytes;

import java.io.IOException;
import java.io.InputStream;

/// The bytes of an input, unpacked. Where a part of it is damaged, reading throws [DamagedException], once.
public abstract class Unpacked extends InputStream {
    private static final int SKIP_BYTES = 64 << 10;

    private final byte[] skipped = new byte[SKIP_BYTES];

    /// Goes on behind a damaged part, after [DamagedException].
    ///
    /// @return whether anything follows
    public abstract boolean recover() throws IOException;

    /// Goes to the next member of a packed input, from the end of one, where members are read one by one.
    ///
    /// @return whether there is one
    public abstract boolean nextMember() throws IOException;

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    /// Skips what one read brings, so that whoever counts knows how far it came where a part is damaged.
    @Override
    public long skip(long bytes) throws IOException {
        return bytes <= 0 ? 0 : Math.max(read(skipped, 0, (int) Math.min(bytes, skipped.length)), 0);
    }

    @Override
    public abstract int read(byte[] target, int offset, int length) throws IOException;
}
