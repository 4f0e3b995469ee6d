package dev.dyadic.sampler.segments;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/// The rows of one pool on one partition, in the order of their offsets: a log of tokens and, beside it, a log of
/// facts.
///
/// A fact has 32 bytes, little-endian: offset, sum of row digests up to and with this row, XXH64 of the id of the
/// document, or of its whole,
/// time of publishing in milliseconds. One thread appends; any thread reads rows below [#rows].
final class PoolLog implements AutoCloseable {
    static final int FACT_BYTES = 32;
    private static final int OFFSET = 0;
    private static final int DIGEST_SUM = 8;
    private static final int DOCUMENT_HASH = 16;
    private static final int PUBLISHED_MILLIS = 24;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int SEGMENT_BYTES = 64 << 20;
    private static final int MAX_SEGMENT_BITS = 20;

    private final PartitionStore.Place place;
    private final FixedLog tokens;
    private final FixedLog facts;
    private long appended;
    private long digestSum;
    private boolean unforced;
    private volatile long rows;
    private volatile boolean factsAreCut;

    private PoolLog(PartitionStore.Place place, FixedLog tokens, FixedLog facts) {
        this.place = place;
        this.tokens = tokens;
        this.facts = facts;
    }

    /// @param rows that the checkpoint vouches for
    static PoolLog open(Path directory, PartitionStore.Place place, int rowBytes, long rows) throws IOException {
        Files.createDirectories(directory);
        int segmentRows = Math.max(1, SEGMENT_BYTES / rowBytes);
        int segmentBits = Math.min(MAX_SEGMENT_BITS, Integer.SIZE - 1 - Integer.numberOfLeadingZeros(segmentRows));
        PoolLog log = new PoolLog(
                place,
                new FixedLog(directory, "tokens", rowBytes, segmentBits),
                new FixedLog(directory, "facts", FACT_BYTES, segmentBits));
        try {
            log.tokens.open(rows);
            log.facts.open(rows);
        } catch (IOException | RuntimeException e) {
            log.close();
            throw e;
        }
        log.appended = rows;
        log.rows = rows;
        log.digestSum = log.digestSum(rows);
        return log;
    }

    /// Adds a row, or throws and leaves everything as it was.
    void append(long offset, long contentHash, long documentHash, long publishedMillis, ByteBuffer row)
            throws IOException {
        // Room is made in both before either gets anything: a full disk leaves them as they were.
        ByteBuffer fact = facts.next();
        ByteBuffer token = tokens.next();
        digestSum += RowDigest.inLog(contentHash, offset);
        fact.putLong(offset).putLong(digestSum).putLong(documentHash).putLong(publishedMillis);
        token.put(row.duplicate());
        appended++;
        unforced = true;
    }

    /// Writes what was appended, and publishes it to readers.
    void flush() throws IOException {
        if (appended != rows) {
            tokens.flush();
            facts.flush();
            rows = appended;
        }
    }

    void force() throws IOException {
        if (unforced) {
            tokens.force();
            facts.force();
            unforced = false;
        }
    }

    /// Rows that can be read.
    long rows() {
        return rows;
    }

    /// Rows with offsets below this one.
    long rowsBefore(long offset) {
        long low = 0;
        long high = rows;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (offset(middle) < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    long offset(long row) {
        return fact(row, OFFSET);
    }

    /// Sum of the digests of rows `[0, end)`, modulo 2^64.
    long digestSum(long end) {
        return end == 0 ? 0 : fact(end - 1, DIGEST_SUM);
    }

    /// Digest of one row.
    long digest(long row) {
        return digestSum(row + 1) - digestSum(row);
    }

    long documentHash(long row) {
        return fact(row, DOCUMENT_HASH);
    }

    long publishedMillis(long row) {
        return fact(row, PUBLISHED_MILLIS);
    }

    /// Replaces the tokens of a row that is there.
    void overwrite(long row, ByteBuffer bytes) throws IOException {
        tokens.overwrite(row, bytes);
    }

    /// Copies the tokens of a row.
    void copy(long row, byte[] target, int position) {
        MemorySegment.copy(
                tokens.segmentOf(row), ValueLayout.JAVA_BYTE, tokens.positionOf(row), target, position, tokens.width());
    }

    /// Gives files that were cut their size back. Tokens that are gone are zeros then, which their digests tell; facts
    /// that are gone make the rows unreadable.
    void restore() throws IOException {
        boolean _ = tokens.restore();
        if (facts.restore()) {
            factsAreCut = true;
        }
    }

    int rowBytes() {
        return tokens.width();
    }

    @Override
    public void close() {
        tokens.close();
        facts.close();
    }

    private long fact(long row, int field) {
        if (factsAreCut) {
            throw new CutFileException(place);
        }
        return facts.segmentOf(row).get(LONG, facts.positionOf(row) + field);
    }
}
