package dev.dyadic.sampler.gather;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.sampler.order.CountedOffset;
import dev.dyadic.sampler.order.PoolKey;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.segments.SegmentStore;

/// Translates the numbers that a run gives its rows into those on this disk.
public final class RowNumbers {
    private RowNumbers() {}

    /// What to add to the ordinal of a row of the run to get its number on this disk. The sum is below 0 for rows that
    /// were gone from Kafka when this disk was filled.
    public static long first(SegmentStore store, RunOrder order, PoolKey pool, int partition) {
        long firstOffset = store.partition(pool.bucket(), partition).firstOffset();
        CountedOffset counted = order.cycles().counted(pool.bucket(), partition, firstOffset);
        long next = store.partition(pool.bucket(), partition).nextOffset();
        if (next < counted.offset()) {
            throw new DyadicException(
                    DyadicException.Kind.NOT_READY,
                    "this replica has read length " + pool.bucket().length() + " partition " + partition
                            + " up to offset " + next + ", and needs " + counted.offset());
        }
        return store.rowsBefore(pool, order.run().spec().split(), partition, counted.offset()) - counted.rows(pool);
    }

    /// A row that is not on this disk.
    public static DyadicException gone(SegmentStore store, RunOrder order, String topic, PoolKey pool, int partition) {
        return new DyadicException(
                DyadicException.Kind.DATA_LOSS,
                topic + " partition " + partition + ": run " + order.run().name() + " needs a row of source "
                        + pool.source() + " from before offset "
                        + store.partition(pool.bucket(), partition).firstOffset()
                        + ", which is where Kafka began when this sampler first read it: retention has taken it. Another"
                        + " replica may have it still.");
    }
}
