package dev.dyadic.ingest.bytes;

import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.jspecify.annotations.Nullable;

/// Streams of bzip2.
final class Bzip2Unpacker extends Unpacker {
    private @Nullable InputStream stream;

    /// A stream begins with its level, then with a block, or with its end.
    @Override
    boolean mayBegin(byte[] head) {
        return isKind(head)
                && (begins(head, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59)
                        || begins(head, 0x17, 0x72, 0x45, 0x38, 0x50, 0x90));
    }

    @Override
    boolean isKind(byte[] head) {
        return Packing.begins(head, 'B', 'Z', 'h') && head.length > 3 && head[3] >= '1' && head[3] <= '9';
    }

    @Override
    void begin(StoredBytes stored) throws IOException {
        stream = new BZip2CompressorInputStream(stored.stream(), false);
    }

    @Override
    int read(byte[] target, int offset, int length) throws IOException {
        return stream == null ? -1 : stream.read(target, offset, length);
    }

    private static boolean begins(byte[] head, int... magic) {
        byte[] block = new byte[Math.max(head.length - 4, 0)];
        System.arraycopy(head, head.length - block.length, block, 0, block.length);
        return Packing.begins(block, magic);
    }
}
