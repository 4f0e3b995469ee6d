package dev.dyadic.ingest;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/// What a stream is packed with, told by its first bytes. Each may have several members, frames or streams, one after
/// the other; all of them are read, and whatever is none is an error, wherever it stands.
enum Compression {
    NONE {
        @Override
        InputStream unpacked(BufferedInputStream stream) {
            return stream;
        }
    },
    /// RFC 1952.
    GZIP {
        @Override
        InputStream unpacked(BufferedInputStream stream) throws IOException {
            return GzipCompressorInputStream.builder()
                    .setInputStream(stream)
                    .setDecompressConcatenated(true)
                    .get();
        }
    },
    /// RFC 8878, which may begin with a skippable frame.
    ZSTD {
        @Override
        InputStream unpacked(BufferedInputStream stream) {
            return new ZstdFrames(stream);
        }
    },
    BZIP2 {
        @Override
        InputStream unpacked(BufferedInputStream stream) throws IOException {
            return new BZip2CompressorInputStream(stream, true);
        }
    };

    private static final int MAGIC_BYTES = 4;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    /// The bytes of what is packed, without a byte order mark at their beginning.
    static InputStream open(InputStream raw, int bufferBytes) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(raw, bufferBytes);
        Compression found = of(peek(buffered, MAGIC_BYTES));
        InputStream unpacked = found.unpacked(buffered);
        BufferedInputStream text = found == NONE ? buffered : new BufferedInputStream(unpacked, bufferBytes);
        if (Arrays.equals(peek(text, BYTE_ORDER_MARK.length), BYTE_ORDER_MARK)) {
            text.skipNBytes(BYTE_ORDER_MARK.length);
        }
        return text;
    }

    abstract InputStream unpacked(BufferedInputStream stream) throws IOException;

    private static Compression of(byte[] head) {
        if (begins(head, 0x1F, 0x8B)) {
            return GZIP;
        }
        boolean isSkippable =
                head.length == MAGIC_BYTES && (head[0] & 0xF0) == 0x50 && begins(head, head[0], 0x2A, 0x4D, 0x18);
        if (isSkippable || begins(head, 0x28, 0xB5, 0x2F, 0xFD)) {
            return ZSTD;
        }
        return begins(head, 'B', 'Z', 'h') && head.length == MAGIC_BYTES && head[3] >= '1' && head[3] <= '9'
                ? BZIP2
                : NONE;
    }

    private static boolean begins(byte[] head, int... magic) {
        if (head.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if (head[i] != (byte) magic[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] peek(BufferedInputStream stream, int bytes) throws IOException {
        stream.mark(bytes);
        byte[] head = stream.readNBytes(bytes);
        stream.reset();
        return head;
    }
}
