package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import java.util.Set;

/// What is there to plan with: a view of the log that only grows.
public interface Availability {
    /// First offset of what is there: rows below it are gone.
    default long firstOffset(Bucket bucket, int partition) {
        return 0;
    }

    /// End offset up to which rows can be counted.
    long endOffset(Bucket bucket, int partition);

    /// Sources that have rows of this length in this run's split.
    Set<String> sources(Bucket bucket);

    /// Rows of the pool on the partition with offsets in `[from, to)`; `to` is at most the end offset.
    long rows(PoolKey pool, int partition, long from, long to);

    /// Sum of the digests of those rows. See docs/order.md, "Row digest".
    long digest(PoolKey pool, int partition, long from, long to);
}
