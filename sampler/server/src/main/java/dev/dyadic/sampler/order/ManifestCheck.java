package dev.dyadic.sampler.order;

import java.util.Set;
import java.util.TreeSet;

/// Holds the rows that a replica has against what a manifest counts.
public final class ManifestCheck {
    private ManifestCheck() {}

    /// Every pool of the cycle that has this length, from where this replica has its rows.
    ///
    /// @throws OrderContradictionException if counts or digests differ
    public static void check(RunOrder order, Cycle cycle, Availability available, int log2) {
        for (int partition = 0; partition < order.run().from().partitions(); partition++) {
            Anchor anchor = order.anchor(log2, partition, available.firstOffset(log2, partition));
            // Those that it does not list have no rows.
            Set<String> sources = new TreeSet<>(available.sources(log2));
            cycle.admitted().keySet().stream()
                    .filter(pool -> pool.log2() == log2)
                    .forEach(pool -> sources.add(pool.source()));
            for (String source : sources) {
                check(cycle, available, new PoolKey(log2, source), partition, anchor);
            }
        }
    }

    private static void check(Cycle cycle, Availability available, PoolKey pool, int partition, Anchor anchor) {
        Admitted admitted = cycle.admitted(pool).orElse(Admitted.none(partition + 1));
        long from = anchor.offset();
        long to = cycle.window().get(pool.log2(), partition);
        if (to <= from) {
            return;
        }
        String where = "length " + (1 << pool.log2()) + " source " + pool.source() + " partition " + partition
                + " offsets [" + from + ", " + to + ")";
        long rows = available.rows(pool, partition, from, to);
        long expected = admitted.rows(partition) - anchor.rows(pool);
        if (rows != expected) {
            throw new OrderContradictionException(
                    "rows contradict the ledger: the manifest at offset " + cycle.ledgerOffset() + " counts " + expected
                            + " rows of " + where + ", but there are " + rows,
                    pool.log2(),
                    partition);
        }
        if (available.digest(pool, partition, from, to) != admitted.digest(partition) - anchor.digest(pool)) {
            throw new OrderContradictionException(
                    "rows contradict the ledger: the digest of " + where + " is not that of the manifest at offset "
                            + cycle.ledgerOffset(),
                    pool.log2(),
                    partition);
        }
    }
}
