package dev.dyadic.sampler.order;

import java.util.ArrayList;
import java.util.List;

/// The rows of one cycle's deck in their shuffled order. Stores one entry for each run of rows that lie together on a
/// partition, and computes the rest.
final class DeckOrder {
    private record Stretch(long start, String source, int partition, long ordinal, long rows) {
        boolean has(String name, int number, long row) {
            return partition == number && row >= ordinal && row < ordinal + rows && source.equals(name);
        }
    }

    private final DeckSlice deck;
    private final int rowsPerStep;
    private final Permutation permutation;
    private final Stretch[] stretches;

    DeckOrder(RunOrder order, DeckSlice deck) {
        this.deck = deck;
        this.rowsPerStep = order.run().spec().rowsPerStep(deck.bucket());
        this.permutation = new Permutation(deck.rows(), deck.key());
        List<Stretch> found = new ArrayList<>();
        long start = 0;
        for (RowRange range : deck.ranges()) {
            start = addStretches(order, range, start, found);
        }
        this.stretches = found.toArray(Stretch[]::new);
    }

    int stretches() {
        return stretches.length;
    }

    /// Room for so many rows of this deck.
    RowRefs refs(int count) {
        return new RowRefs(deck.bucket(), count, stretches.length);
    }

    int rowsPerStep() {
        return rowsPerStep;
    }

    /// Fills `refs` with rows `[first, first + refs.count())` of a step.
    ///
    /// @param deckStep steps of this deck that come before, in this cycle
    void fill(long deckStep, int first, RowRefs refs) {
        long position = (deck.firstStep() + deckStep) * rowsPerStep + first;
        for (int i = 0; i < refs.count(); i++) {
            long row = permutation.apply(position + i);
            int index = indexOf(row);
            Stretch stretch = stretches[index];
            refs.set(i, index, stretch.source(), stretch.partition(), stretch.ordinal() + row - stretch.start());
        }
    }

    /// The place of a row among those that this cycle deals, from 0; -1 where the cycle does not deal it.
    long placeOf(String source, int partition, long ordinal) {
        for (Stretch stretch : stretches) {
            if (stretch.has(source, partition, ordinal)) {
                long place = permutation.invert(stretch.start() + ordinal - stretch.ordinal());
                boolean dealt = place >= deck.firstStep() * rowsPerStep && place < deck.endStep() * rowsPerStep;
                return dealt ? place - deck.firstStep() * rowsPerStep : -1;
            }
        }
        return -1;
    }

    private int indexOf(long row) {
        int low = 0;
        int high = stretches.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (stretches[middle].start() <= row) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /// Rows of a pool are ordered by admitting window, then partition, then offset.
    private long addStretches(RunOrder order, RowRange range, long start, List<Stretch> found) {
        PoolKey pool = new PoolKey(deck.bucket(), range.source());
        int partitions = order.run().from().partitions();
        long position = start;
        long row = range.from();
        while (row < range.to()) {
            Cycle cycle = order.cycles().admitting(pool, row);
            Admitted after = cycle.admitted(pool).orElseThrow();
            Admitted before = order.cycles().admittedBefore(cycle, pool);
            long index = before.total();
            for (int partition = 0; partition < partitions && row < range.to(); partition++) {
                long count = after.rows(partition) - before.rows(partition);
                long skip = Math.min(row - index, count);
                long take = Math.min(count - skip, range.to() - row);
                if (take > 0) {
                    found.add(new Stretch(position, range.source(), partition, before.rows(partition) + skip, take));
                    position += take;
                    row += take;
                }
                index += count;
            }
        }
        return position;
    }
}
