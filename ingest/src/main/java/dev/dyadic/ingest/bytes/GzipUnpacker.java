package dev.dyadic.ingest.bytes;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/// Members of gzip (RFC 1952). The JDK's own stream, and that of commons-compress, stop at what is no member, so that
/// nobody could go on behind it.
final class GzipUnpacker extends Unpacker {
    private static final int DEFLATE = 8;
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xE0;
    private static final int HEADER_BYTES = 10;
    private static final int MAX_NAME_BYTES = 64 << 10;
    private static final int NEWEST_SYSTEM = 13;
    private static final int UNKNOWN_SYSTEM = 255;

    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private @Nullable StoredBytes stored;

    @Override
    boolean mayBegin(byte[] head) {
        if (head.length < HEADER_BYTES || !Packing.begins(head, 0x1F, 0x8B, DEFLATE)) {
            return false;
        }
        int system = head[HEADER_BYTES - 1] & 0xFF;
        return (head[3] & RESERVED) == 0 && (system <= NEWEST_SYSTEM || system == UNKNOWN_SYSTEM);
    }

    /// A file may begin with a damaged header.
    @Override
    boolean isKind(byte[] head) {
        return Packing.begins(head, 0x1F, 0x8B);
    }

    @Override
    void begin(StoredBytes from) throws IOException {
        stored = from;
        inflater.reset();
        crc.reset();
        if (from.next() != 0x1F || from.next() != 0x8B || from.next() != DEFLATE) {
            throw new IOException("expected a gzip member, but there are other bytes");
        }
        int flags = from.next();
        if ((flags & RESERVED) != 0) {
            throw new IOException("the header of this gzip member is damaged");
        }
        skip(from, 6);
        if ((flags & EXTRA) != 0) {
            skip(from, from.next() | (from.next() << 8));
        }
        if ((flags & NAME) != 0) {
            skipText(from);
        }
        if ((flags & COMMENT) != 0) {
            skipText(from);
        }
        if ((flags & HEADER_CRC) != 0) {
            skip(from, 2);
        }
    }

    @Override
    int read(byte[] target, int offset, int length) throws IOException {
        StoredBytes from = stored;
        if (from == null) {
            return -1;
        }
        while (true) {
            if (!from.hasNext()) {
                throw new EOFException("it ends in the middle of a gzip member: the file is cut");
            }
            ByteBuffer rest = from.rest();
            inflater.setInput(rest);
            int unpacked;
            try {
                unpacked = inflater.inflate(target, offset, length);
            } catch (DataFormatException e) {
                throw new IOException("this gzip member is damaged: " + e.getMessage(), e);
            } finally {
                from.take(rest);
            }
            crc.update(target, offset, unpacked);
            if (inflater.finished() && unpacked == 0) {
                checkTrailer(from);
                stored = null;
                return -1;
            }
            if (inflater.needsDictionary()) {
                throw new IOException("this gzip member is damaged: it asks for a dictionary");
            }
            if (unpacked > 0) {
                return unpacked;
            }
        }
    }

    /// Tapes, and some tools, fill up with zeros.
    @Override
    void skipPadding(StoredBytes from) throws IOException {
        while (from.hasNext()) {
            long at = from.offset();
            if (from.next() != 0) {
                from.seek(at);
                return;
            }
        }
    }

    @Override
    public void close() {
        inflater.end();
    }

    private void checkTrailer(StoredBytes from) throws IOException {
        long expected = number(from);
        long length = number(from);
        if (expected != crc.getValue()) {
            throw new IOException("this gzip member is damaged: its checksum differs from that of its content");
        }
        if (length != (inflater.getBytesWritten() & 0xFFFF_FFFFL)) {
            throw new IOException("this gzip member is damaged: its length differs from that of its content");
        }
    }

    private static long number(StoredBytes from) throws IOException {
        return from.next() | ((long) from.next() << 8) | ((long) from.next() << 16) | ((long) from.next() << 24);
    }

    private static void skip(StoredBytes from, int bytes) throws IOException {
        for (int i = 0; i < bytes; i++) {
            from.next();
        }
    }

    private static void skipText(StoredBytes from) throws IOException {
        for (int i = 0; i < MAX_NAME_BYTES; i++) {
            if (from.next() == 0) {
                return;
            }
        }
        throw new IOException("the header of this gzip member is damaged");
    }
}
