package dev.dyadic.sampler.order;

import java.util.Map;

/// Holds the rows that a replica has against what a manifest counts.
public final class ManifestCheck {
    private ManifestCheck() {}

    /// Every pool of the cycle that has this length.
    ///
    /// @throws OrderContradictionException if counts or digests differ
    public static void check(Run run, Cycle cycle, Availability available, int log2) {
        for (Map.Entry<PoolKey, Admitted> entry : cycle.admitted().entrySet()) {
            PoolKey pool = entry.getKey();
            for (int partition = 0;
                    pool.log2() == log2 && partition < run.from().partitions();
                    partition++) {
                check(run, cycle, available, pool, partition, entry.getValue());
            }
        }
    }

    private static void check(
            Run run, Cycle cycle, Availability available, PoolKey pool, int partition, Admitted admitted) {
        long from = run.from().get(pool.log2(), partition);
        long to = cycle.window().get(pool.log2(), partition);
        String where = "length " + (1 << pool.log2()) + " source " + pool.source() + " partition " + partition
                + " offsets [" + from + ", " + to + ")";
        long rows = available.rows(pool, partition, from, to);
        if (rows != admitted.rows(partition)) {
            throw new OrderContradictionException("rows contradict the ledger: the manifest at offset "
                    + cycle.ledgerOffset() + " counts " + admitted.rows(partition) + " rows of " + where
                    + ", but there are " + rows);
        }
        if (available.digest(pool, partition, from, to) != admitted.digest(partition)) {
            throw new OrderContradictionException("rows contradict the ledger: the digest of " + where
                    + " is not that of the manifest at offset " + cycle.ledgerOffset());
        }
    }
}
