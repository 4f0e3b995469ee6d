package dev.dyadic.ingest;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Frames of Zstandard (RFC 8878), one after the other. The library's own stream takes the end of the input within a
/// later frame for the end of all.
final class ZstdFrames extends InputStream {
    /// A frame may look back so far: `zstd --long=29`, for which this much memory is needed.
    static final int MAX_WINDOW_LOG = 29;

    private static final int BUFFER_BYTES = 128 << 10;

    private final InputStream input;
    private final ZstdDecompressCtx context = new ZstdDecompressCtx().setLongMax(MAX_WINDOW_LOG);
    private final ByteBuffer packed = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
    private boolean isBetweenFrames = true;

    ZstdFrames(InputStream input) {
        this.input = input;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        ByteBuffer unpacked = ByteBuffer.wrap(target, offset, length);
        while (true) {
            boolean isAtEnd = !packed.hasRemaining() && !refill();
            if (isAtEnd && isBetweenFrames) {
                return -1;
            }
            isBetweenFrames = unpack(unpacked);
            if (unpacked.position() > offset) {
                return unpacked.position() - offset;
            }
            if (isAtEnd) {
                throw new EOFException("it ends in the middle of a Zstandard frame: the file is cut");
            }
        }
    }

    /// @return whether a frame has come to its end
    private boolean unpack(ByteBuffer unpacked) throws IOException {
        try {
            return context.decompressByteBufferStream(unpacked, packed);
        } catch (ZstdException e) {
            if (String.valueOf(e.getMessage()).contains("too much memory")) {
                throw new IOException(
                        "it was packed with a window of more than " + (1 << (MAX_WINDOW_LOG - 20))
                                + " MiB, which is more than is read here: pack it with at most zstd --long="
                                + MAX_WINDOW_LOG
                                + ", or unpack it on its way: zstd -dc --long=31 FILE | dyadic ingest -",
                        e);
            }
            throw new IOException("it is no whole Zstandard: " + e.getMessage(), e);
        }
    }

    private boolean refill() throws IOException {
        int read = input.read(packed.array());
        packed.position(0).limit(Math.max(read, 0));
        return read > 0;
    }

    @Override
    public void close() throws IOException {
        context.close();
        input.close();
    }
}
