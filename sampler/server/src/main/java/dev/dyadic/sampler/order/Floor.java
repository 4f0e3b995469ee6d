package dev.dyadic.sampler.order;

import java.util.Collection;
import java.util.List;

/// A live run's floor: the rows of a pool below it are dealt, or shed, by cycles that lie before the last commit, and
/// nobody will ask for them again. What a commit raises, and what Kafka's retention may take up to.
final class Floor {
    private final List<Cycle> cycles;
    private final Collection<DeckSlice> remainder;
    private final long committedStep;

    /// @param remainder what the next cycle has to deal of a fork's parent
    Floor(List<Cycle> cycles, Collection<DeckSlice> remainder, long committedStep) {
        this.cycles = cycles;
        this.remainder = remainder;
        this.committedStep = committedStep;
    }

    /// The first row of a pool that may still be asked for.
    long of(PoolKey pool) {
        long floor = Math.min(committedHead(pool), first(remainder, pool));
        for (Cycle cycle : cycles) {
            if (!isCommitted(cycle)) {
                floor = Math.min(floor, first(cycle.decks().values(), pool));
            }
        }
        return floor;
    }

    private boolean isCommitted(Cycle cycle) {
        return cycle.endStep() <= committedStep + 1;
    }

    /// The end of what the cycles before the commit have dealt and shed.
    private long committedHead(PoolKey pool) {
        long head = 0;
        for (Cycle cycle : cycles) {
            if (!isCommitted(cycle)) {
                break;
            }
            DeckSlice deck = cycle.decks().get(pool.bucket());
            if (deck != null) {
                for (RowRange range : deck.ranges()) {
                    head = range.source().equals(pool.source()) ? Math.max(head, range.to()) : head;
                }
            }
            RowRange shed = cycle.shed().get(pool);
            head = shed == null ? head : Math.max(head, shed.to());
        }
        return head;
    }

    private static long first(Collection<DeckSlice> decks, PoolKey pool) {
        long first = Long.MAX_VALUE;
        for (DeckSlice deck : decks) {
            for (RowRange range : deck.ranges()) {
                boolean same =
                        deck.bucket().equals(pool.bucket()) && range.source().equals(pool.source());
                first = same ? Math.min(first, range.from()) : first;
            }
        }
        return first;
    }
}
