package dev.dyadic.sampler.order;

import java.util.Optional;

/// A place in a partition of a length topic up to which the ledger has counted: a replica that has the rows from here
/// on knows what comes before them without having it.
///
/// @param offset first offset after what is counted
/// @param cycle that counted; empty at the run's start
public record CountedOffset(long offset, int partition, Optional<Cycle> cycle) {
    /// Rows of a pool of the run before this offset.
    public long rows(PoolKey pool) {
        return cycle.flatMap(counting -> counting.admitted(pool))
                .map(admitted -> admitted.rows(partition))
                .orElse(0L);
    }

    /// Sum of the digests of those rows.
    long digest(PoolKey pool) {
        return cycle.flatMap(counting -> counting.admitted(pool))
                .map(admitted -> admitted.digest(partition))
                .orElse(0L);
    }
}
