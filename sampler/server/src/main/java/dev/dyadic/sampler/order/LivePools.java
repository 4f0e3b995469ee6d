package dev.dyadic.sampler.order;

import java.util.Map;
import java.util.TreeMap;

/// How far the rows of a live run's pools were given away. The rows of a pool are numbered from 0; a cycle deals from
/// the lowest number that was not dealt yet, and what it sheds comes next. So the rows that were dealt, shed or skipped
/// by a fork are always `[0, head)`, and those that are pending are the rest.
///
/// Guarded by the lock of the order that it belongs to. A simulation replaces it by one that makes a mistake.
public class LivePools {
    private final Map<PoolKey, Long> heads = new TreeMap<>();
    private final Map<PoolKey, Long> shed = new TreeMap<>();

    /// Takes what a cycle deals and sheds.
    public void follow(Cycle cycle) {
        // The first cycle of a fork may deal ranges again of which the parent's cycle has moved the head already.
        cycle.decks()
                .values()
                .forEach(deck -> deck.ranges()
                        .forEach(range -> advance(new PoolKey(deck.bucket(), range.source()), range.to())));
        cycle.shed().forEach((pool, range) -> {
            advance(pool, range.to());
            shed.merge(pool, range.rows(), Long::sum);
        });
    }

    /// Moves a head; it never goes back.
    protected final void advance(PoolKey pool, long head) {
        heads.merge(pool, head, Math::max);
    }

    /// Rows of the pool that are dealt, shed or skipped.
    final long head(PoolKey pool) {
        return heads.getOrDefault(pool, 0L);
    }

    /// Rows of the pool that were given up.
    final long shed(PoolKey pool) {
        return shed.getOrDefault(pool, 0L);
    }
}
