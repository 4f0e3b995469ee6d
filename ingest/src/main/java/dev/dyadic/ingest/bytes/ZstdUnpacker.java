package dev.dyadic.ingest.bytes;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Frames of Zstandard (RFC 8878), those that are to be skipped too. The library's own stream takes the end of the
/// input within a later frame for the end of all.
final class ZstdUnpacker extends Unpacker {
    /// A frame may look back so far: for 29, `zstd --long=29`.
    static final int MAX_WINDOW_LOG = UnpackMemory.zstdWindowLog();

    private @Nullable ZstdDecompressCtx context;
    private @Nullable StoredBytes stored;

    @Override
    boolean mayBegin(byte[] head) {
        return Packing.begins(head, 0x28, 0xB5, 0x2F, 0xFD);
    }

    /// Behind damage, frames that are to be skipped are not looked for: they have no checksum, and any length.
    @Override
    boolean isKind(byte[] head) {
        boolean isSkippable =
                head.length >= 4 && (head[0] & 0xF0) == 0x50 && Packing.begins(head, head[0], 0x2A, 0x4D, 0x18);
        return isSkippable || mayBegin(head);
    }

    @Override
    void begin(StoredBytes from) throws IOException {
        stored = from;
        if (!isKind(from.peek(Packing.MAGIC_BYTES))) {
            throw new IOException("expected a Zstandard frame, but there are other bytes");
        }
        // After an error, the library wants another one.
        close();
        context = new ZstdDecompressCtx().setLongMax(MAX_WINDOW_LOG);
    }

    @Override
    int read(byte[] target, int offset, int length) throws IOException {
        StoredBytes from = stored;
        ZstdDecompressCtx with = context;
        if (from == null || with == null) {
            return -1;
        }
        ByteBuffer unpacked = ByteBuffer.wrap(target, offset, length);
        while (true) {
            boolean isAtEnd = !from.hasNext();
            ByteBuffer rest = from.rest();
            boolean isWhole;
            try {
                isWhole = with.decompressByteBufferStream(unpacked, rest);
            } catch (ZstdException e) {
                throw explained(e);
            } finally {
                from.take(rest);
            }
            if (isWhole) {
                stored = null;
            }
            if (unpacked.position() > offset) {
                return unpacked.position() - offset;
            }
            if (isWhole) {
                return -1;
            }
            if (isAtEnd) {
                throw new EOFException("it ends in the middle of a Zstandard frame: the file is cut");
            }
        }
    }

    @Override
    public void close() {
        if (context != null) {
            context.close();
            context = null;
        }
    }

    private static IOException explained(ZstdException e) {
        if (String.valueOf(e.getMessage()).contains("too much memory")) {
            return new IOException(
                    "this Zstandard frame was packed with a window of more than " + (1 << (MAX_WINDOW_LOG - 20))
                            + " MiB, which is more than is read here: pack it with at most zstd --long="
                            + MAX_WINDOW_LOG
                            + ", or unpack it on its way: zstd -dc --long=31 FILE | dyadic ingest -",
                    e);
        }
        return new IOException("this Zstandard frame is damaged: " + e.getMessage(), e);
    }
}
