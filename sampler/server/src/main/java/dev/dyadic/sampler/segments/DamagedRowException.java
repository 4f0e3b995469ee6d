package dev.dyadic.sampler.segments;

import dev.dyadic.proto.Split;
import dev.dyadic.sampler.order.PoolKey;

/// A row on this disk has other bytes than were written.
public final class DamagedRowException extends RuntimeException {
    private final PoolKey pool;
    private final Split split;
    private final int partition;
    private final long row;
    private final long offset;

    DamagedRowException(PoolKey pool, Split split, int partition, long row, long offset) {
        super("row " + row + " of length " + pool.bucket().length() + " source " + pool.source() + " on partition "
                + partition + ", offset " + offset + ", is damaged on this disk");
        this.pool = pool;
        this.split = split;
        this.partition = partition;
        this.row = row;
        this.offset = offset;
    }

    public PoolKey pool() {
        return pool;
    }

    Split split() {
        return split;
    }

    public int partition() {
        return partition;
    }

    long row() {
        return row;
    }

    /// The row's offset on the length topic.
    public long offset() {
        return offset;
    }
}
