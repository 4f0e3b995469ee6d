package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// One cycle, ready to answer which rows a step has: its schedule, drawn anew, and its decks. Never changes.
public final class CycleOrder {
    private static final long EXTENT_BYTES = 96;
    private static final long BASE_BYTES = 1024;

    private final Cycle cycle;
    private final Schedule schedule;
    private final Map<Bucket, DeckOrder> decks = new TreeMap<>();

    /// @throws OrderContradictionException if the schedule is not the one that the manifest was made with
    public CycleOrder(RunOrder order, Cycle cycle) {
        this.cycle = cycle;
        this.schedule = cycle.schedule();
        if (schedule.digest() != cycle.scheduleDigest()) {
            throw new OrderContradictionException("the schedule of cycle " + cycle.number() + " of run "
                    + order.run().name() + " differs from its manifest at ledger offset " + cycle.ledgerOffset()
                    + ": expected digest " + Long.toHexString(cycle.scheduleDigest()) + ", but drew "
                    + Long.toHexString(schedule.digest()));
        }
        cycle.decks().forEach((bucket, deck) -> decks.put(bucket, new DeckOrder(order, deck)));
    }

    public Cycle cycle() {
        return cycle;
    }

    /// About how much memory it takes: schedule and stretches, and what readers keep beside each.
    public int weightBytes() {
        int stretches = decks.values().stream().mapToInt(DeckOrder::stretches).sum();
        return (int) Math.min(Integer.MAX_VALUE, 2L * schedule.steps() + EXTENT_BYTES * stretches + BASE_BYTES);
    }

    public Bucket bucketAt(long step) {
        return schedule.bucketAt(indexOf(step));
    }

    public int rowsPerStep(long step) {
        return deckAt(step).rowsPerStep();
    }

    /// Rows `[first, first + count)` of a step.
    public RowRefs rows(long step, int first, int count) {
        DeckOrder deck = deckAt(step);
        if (first < 0 || count < 0 || first > deck.rowsPerStep() - count) {
            throw new IllegalArgumentException("rows must lie within [0, " + deck.rowsPerStep() + "), but were ["
                    + first + ", " + ((long) first + count) + ")");
        }
        RowRefs refs = deck.refs(count);
        deck.fill(schedule.sameBefore(indexOf(step)), first, refs);
        return refs;
    }

    /// A step of the cycle, and the row's place in it.
    public record Place(long step, int row) {}

    /// Where the cycle deals a row; the inverse of [#rows].
    ///
    /// @param ordinal of the row on its partition
    public Optional<Place> placeOf(PoolKey pool, int partition, long ordinal) {
        DeckOrder deck = decks.get(pool.bucket());
        if (deck == null) {
            return Optional.empty();
        }
        long place = deck.placeOf(pool.source(), partition, ordinal);
        if (place < 0) {
            return Optional.empty();
        }
        long step = cycle.firstStep() + schedule.stepOf(pool.bucket(), place / deck.rowsPerStep());
        return step < cycle.endStep()
                ? Optional.of(new Place(step, (int) (place % deck.rowsPerStep())))
                : Optional.empty();
    }

    private DeckOrder deckAt(long step) {
        DeckOrder deck = decks.get(bucketAt(step));
        if (deck == null) {
            throw new IllegalStateException("step " + step + " draws a bucket without a deck");
        }
        return deck;
    }

    private int indexOf(long step) {
        if (step < cycle.firstStep() || step >= cycle.endStep()) {
            throw new IllegalArgumentException(
                    "step must lie within [" + cycle.firstStep() + ", " + cycle.endStep() + "), but was " + step);
        }
        return (int) (step - cycle.firstStep());
    }
}
