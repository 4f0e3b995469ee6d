package dev.dyadic.ingest.bytes;

import java.io.IOException;

/// Unpacks the members of one kind of packing, one at a time.
abstract class Unpacker implements AutoCloseable {
    /// Whether a member may begin with these bytes, of which there are [Packing#MAGIC_BYTES], or fewer at the end.
    abstract boolean mayBegin(byte[] head);

    /// Whether an input that begins with these bytes is of this kind, even if its first member is damaged.
    boolean isKind(byte[] head) {
        return mayBegin(head);
    }

    /// Begins the member that stands next.
    abstract void begin(StoredBytes stored) throws IOException;

    /// Fills a part of an array, as [java.io.InputStream#read(byte[], int, int)] does; -1 at the end of the member,
    /// behind which the stored bytes then stand.
    abstract int read(byte[] target, int offset, int length) throws IOException;

    /// Goes past what may stand between members, and at the end, by the format.
    void skipPadding(StoredBytes stored) throws IOException {
        // Most have none.
    }

    @Override
    public void close() {
        // Most have nothing to give back.
    }
}
