package dev.dyadic.ingest.bytes;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// The bytes of an input as they are stored. The last of them are kept, so that reading can go back a little.
final class StoredBytes implements AutoCloseable {
    static final int KEPT_BYTES = 2 << 20;
    private static final int READ_BYTES = 256 << 10;

    private final InputStream input;
    private final byte[] buffer = new byte[2 * KEPT_BYTES];
    private long begin;
    private int position;
    private int limit;
    /// Where a trial ends as if the input did; -1: none is made.
    private long trialEnd = -1;

    StoredBytes(InputStream input) {
        this.input = input;
    }

    /// Bytes from the beginning of the input to the next one.
    long offset() {
        return begin + position;
    }

    /// The oldest place that can be gone back to.
    long oldest() {
        return begin;
    }

    /// Goes to a place that is kept, or that has been read already.
    void seek(long offset) {
        if (offset < begin || offset > begin + limit) {
            throw new IllegalArgumentException("byte " + offset + " is not kept");
        }
        position = (int) (offset - begin);
    }

    /// From here on there is no more than what can be gone back over, until [#endTrial].
    void beginTrial() {
        trialEnd = offset() + KEPT_BYTES - READ_BYTES;
    }

    /// Goes back to where the trial began.
    void endTrial(long at) {
        trialEnd = -1;
        seek(at);
    }

    /// Whether there is a next byte.
    boolean hasNext() throws IOException {
        return position < limit || refill();
    }

    /// The next byte.
    ///
    /// @throws EOFException at the end
    int next() throws IOException {
        if (!hasNext()) {
            throw new EOFException("it ends too early: the file is cut");
        }
        return buffer[position++] & 0xFF;
    }

    /// The bytes from here on, so many of them as there are, without going on.
    byte[] peek(int bytes) throws IOException {
        while (limit - position < bytes && refill()) {
            // There may be more.
        }
        byte[] head = new byte[Math.min(bytes, limit - position)];
        System.arraycopy(buffer, position, head, 0, head.length);
        return head;
    }

    /// What was read and is not taken yet: the buffer's position tells how much of it is, see [#take].
    ByteBuffer rest() {
        return ByteBuffer.wrap(buffer, position, limit - position);
    }

    /// Goes on to where a reader of [#rest] stands.
    void take(ByteBuffer rest) {
        position = rest.position();
    }

    /// The bytes from here on, as a stream for those who read no further than they need.
    InputStream stream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                return hasNext() ? buffer[position++] & 0xFF : -1;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                if (length == 0) {
                    return 0;
                }
                if (!hasNext()) {
                    return -1;
                }
                int bytes = Math.min(length, limit - position);
                System.arraycopy(buffer, position, target, offset, bytes);
                position += bytes;
                return bytes;
            }
        };
    }

    @Override
    public void close() throws IOException {
        input.close();
    }

    /// Reads more behind what is there.
    private boolean refill() throws IOException {
        if (trialEnd >= 0 && begin + limit >= trialEnd) {
            return false;
        }
        if (limit + READ_BYTES > buffer.length) {
            int from = Math.min(position, limit - Math.min(limit, KEPT_BYTES));
            System.arraycopy(buffer, from, buffer, 0, limit - from);
            begin += from;
            position -= from;
            limit -= from;
        }
        int read;
        try {
            read = input.read(buffer, limit, Math.min(READ_BYTES, buffer.length - limit));
        } catch (IOException e) {
            throw new UnreadableException(e);
        }
        limit += Math.max(read, 0);
        return read > 0;
    }

    /// The input itself fails, such as a disk: nothing that unpacking could go on after.
    static final class UnreadableException extends IOException {
        UnreadableException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }
}
