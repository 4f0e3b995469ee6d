package dev.dyadic.ingest.format;

import dev.dyadic.ingest.bytes.DamagedException;
import dev.dyadic.ingest.bytes.Unpacked;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The bytes of a WARC file for a reader that believes what it reads: there is an end to headers and bodies.
final class WarcChannel implements ReadableByteChannel {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final long MAX_HEADER_BYTES = 1L << 20;
    private static final long MAX_BODY_BYTES = 4L << 30;
    private static final long MAX_SKIPPED_BYTES = 1L << 30;
    private static final byte[] TRAILER = {'\r', '\n', '\r', '\n'};
    private static final byte[] BEGIN = "WARC/1.".getBytes(StandardCharsets.US_ASCII);

    /// What damage counts in offsets, so that before it and behind it are two.
    private static final int GAP_BYTES = 1;

    private final Unpacked bytes;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
    private long read;
    private long budget;
    private String part = "";
    private boolean isLastPart;
    /// Why nothing more can be read.
    private @Nullable IOException failure;

    WarcChannel(Unpacked bytes) {
        this.bytes = bytes;
    }

    /// What a reader keeps the bytes in that it has read ahead.
    ByteBuffer buffer() {
        return buffer;
    }

    /// Where the reader stands, in bytes of what is unpacked.
    long offset() {
        return read - buffer.remaining();
    }

    void beginHeader() {
        allow(MAX_HEADER_BYTES, "header", false);
    }

    void beginBody() {
        allow(MAX_BODY_BYTES, "record", true);
    }

    private void allow(long most, String what, boolean isLast) {
        budget = most;
        part = what;
        isLastPart = isLast;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (budget <= 0) {
            IOException tooLong = new IOException(
                    "expected a " + part + " that ends, but this one is longer than what is" + " read of any");
            if (isLastPart) {
                failure = tooLong;
            }
            throw tooLong;
        }
        int found = -1;
        try {
            found = bytes.read(target.array(), target.arrayOffset() + target.position(), target.remaining());
        } catch (DamagedException e) {
            throw e;
        } catch (IOException e) {
            failure = e;
            throw e;
        } finally {
            if (found < 0) {
                // Whoever has cleared it to read into it leaves it, and it must not look full of what was read before.
                target.limit(target.position());
            }
        }
        if (found > 0) {
            target.position(target.position() + found);
            read += found;
            budget -= found;
        }
        return found;
    }

    /// Whether what follows a body is what has to follow it, or the end. Reads on to the end of a packed member that
    /// ends here, and so looks at its checksum.
    boolean endsRight() throws IOException {
        while (buffer.remaining() <= TRAILER.length) {
            buffer.compact();
            try {
                if (read(buffer) < 0) {
                    break;
                }
            } finally {
                buffer.flip();
            }
        }
        for (int i = 0; i < Math.min(TRAILER.length, buffer.remaining()); i++) {
            if (buffer.get(buffer.position() + i) != TRAILER[i]) {
                return false;
            }
        }
        return true;
    }

    /// Throws what ends the reading, where something has.
    void throwIfFailed() throws IOException {
        if (failure != null) {
            throw failure;
        }
    }

    /// Goes to where the next record seems to begin.
    ///
    /// @return whether there is one
    boolean skipToRecord() throws IOException {
        allow(MAX_SKIPPED_BYTES, "part without a record", true);
        while (true) {
            while (buffer.remaining() >= BEGIN.length) {
                if (isBegin()) {
                    return true;
                }
                buffer.get();
            }
            buffer.compact();
            int found;
            try {
                found = read(buffer);
            } finally {
                buffer.flip();
            }
            if (found < 0) {
                return nextMember();
            }
        }
    }

    /// Counts what cannot be read.
    void passGap() {
        read += GAP_BYTES;
    }

    /// Goes behind a damaged part.
    ///
    /// @return whether anything follows
    boolean recover() throws IOException {
        buffer.clear().limit(0);
        return bytes.recover();
    }

    /// Goes to the next member.
    ///
    /// @return whether there is one
    boolean nextMember() throws IOException {
        buffer.clear().limit(0);
        return bytes.nextMember();
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() throws IOException {
        bytes.close();
    }

    private boolean isBegin() {
        for (int i = 0; i < BEGIN.length; i++) {
            if (buffer.get(buffer.position() + i) != BEGIN[i]) {
                return false;
            }
        }
        return true;
    }
}
