package dev.dyadic.ingest.bytes;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.SingleXZInputStream;

/// Streams of xz.
final class XzUnpacker extends Unpacker {
    private static final int MAX_MEMORY_KIB = UnpackMemory.xzKibibytes();

    private static final int PADDING_BYTES = 4;

    private @Nullable InputStream stream;

    @Override
    boolean mayBegin(byte[] head) {
        return Packing.begins(head, 0xFD, '7', 'z', 'X', 'Z', 0);
    }

    @Override
    void begin(StoredBytes stored) throws IOException {
        stream = new SingleXZInputStream(stored.stream(), MAX_MEMORY_KIB);
    }

    @Override
    int read(byte[] target, int offset, int length) throws IOException {
        try {
            return stream == null ? -1 : stream.read(target, offset, length);
        } catch (MemoryLimitException e) {
            throw new IOException(
                    "this xz stream needs " + (e.getMemoryNeeded() >> 10) + " MiB to be unpacked, of which "
                            + (MAX_MEMORY_KIB >> 10)
                            + " are allowed here: unpack it on its way: xz -dc FILE | dyadic ingest -",
                    e);
        }
    }

    /// Zeros, four at a time.
    @Override
    void skipPadding(StoredBytes stored) throws IOException {
        while (Packing.begins(stored.peek(PADDING_BYTES), 0, 0, 0, 0)) {
            stored.seek(stored.offset() + PADDING_BYTES);
        }
    }
}
