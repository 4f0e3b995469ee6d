package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import java.util.Set;
import java.util.TreeSet;

/// Holds the rows that a replica has against what a manifest counts.
public final class ManifestCheck {
    private ManifestCheck() {}

    /// Every pool of the cycle that has this length, from where this replica has its rows.
    ///
    /// @throws OrderContradictionException if counts or digests differ
    public static void check(RunOrder order, Cycle cycle, Availability available, Bucket bucket) {
        for (int partition = 0; partition < order.run().from().partitions(); partition++) {
            CountedOffset counted = order.cycles().counted(bucket, partition, available.firstOffset(bucket, partition));
            // Those that it does not list have no rows.
            Set<String> sources = new TreeSet<>(available.sources(bucket));
            cycle.admitted().keySet().stream()
                    .filter(pool -> pool.bucket().equals(bucket))
                    .forEach(pool -> sources.add(pool.source()));
            for (String source : sources) {
                check(cycle, available, new PoolKey(bucket, source), partition, counted);
            }
        }
    }

    private static void check(Cycle cycle, Availability available, PoolKey pool, int partition, CountedOffset counted) {
        Admitted admitted = cycle.admitted(pool).orElse(Admitted.none(partition + 1));
        long from = counted.offset();
        long to = cycle.window().get(pool.bucket(), partition);
        if (to <= from) {
            return;
        }
        String where = "length " + pool.bucket().length() + " source " + pool.source() + " partition " + partition
                + " offsets [" + from + ", " + to + ")";
        long rows = available.rows(pool, partition, from, to);
        long expected = admitted.rows(partition) - counted.rows(pool);
        if (rows != expected) {
            throw new OrderContradictionException(
                    "rows contradict the ledger: the manifest at offset " + cycle.ledgerOffset() + " counts " + expected
                            + " rows of " + where + ", but there are " + rows,
                    pool.bucket(),
                    partition);
        }
        if (available.digest(pool, partition, from, to) != admitted.digest(partition) - counted.digest(pool)) {
            throw new OrderContradictionException(
                    "rows contradict the ledger: the digest of " + where + " is not that of the manifest at offset "
                            + cycle.ledgerOffset(),
                    pool.bucket(),
                    partition);
        }
    }
}
