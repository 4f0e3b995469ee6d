package dev.dyadic.sampler.order;

import java.util.ArrayList;
import java.util.List;

/// The rows of one cycle's deck in their shuffled order. Stores one entry for each run of rows that lie together on a
/// partition, and computes the rest.
final class DeckOrder {
    private record Extent(long start, String source, int partition, long ordinal, long rows) {
        boolean has(String name, int number, long row) {
            return partition == number && row >= ordinal && row < ordinal + rows && source.equals(name);
        }
    }

    private final Deck deck;
    private final int rowsPerStep;
    private final Permutation permutation;
    private final Extent[] extents;

    DeckOrder(RunOrder order, Deck deck) {
        this.deck = deck;
        this.rowsPerStep = order.run().spec().rowsPerStep(deck.bucket());
        this.permutation = new Permutation(deck.rows(), deck.key());
        List<Extent> found = new ArrayList<>();
        long start = 0;
        for (PoolRange range : deck.ranges()) {
            start = addExtents(order, range, start, found);
        }
        this.extents = found.toArray(Extent[]::new);
    }

    int extents() {
        return extents.length;
    }

    /// Room for so many rows of this deck.
    RowRefs refs(int count) {
        return new RowRefs(deck.bucket(), count, extents.length);
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
            Extent extent = extents[index];
            refs.set(i, index, extent.source(), extent.partition(), extent.ordinal() + row - extent.start());
        }
    }

    /// The place of a row among those that this cycle deals, from 0; -1 where it deals it not.
    long placeOf(String source, int partition, long ordinal) {
        for (Extent extent : extents) {
            if (extent.has(source, partition, ordinal)) {
                long place = permutation.invert(extent.start() + ordinal - extent.ordinal());
                boolean dealt = place >= deck.firstStep() * rowsPerStep && place < deck.endStep() * rowsPerStep;
                return dealt ? place - deck.firstStep() * rowsPerStep : -1;
            }
        }
        return -1;
    }

    private int indexOf(long row) {
        int low = 0;
        int high = extents.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (extents[middle].start() <= row) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /// Rows of a pool are ordered by admitting window, then partition, then offset.
    private long addExtents(RunOrder order, PoolRange range, long start, List<Extent> found) {
        PoolKey pool = new PoolKey(deck.bucket(), range.source());
        int partitions = order.run().from().partitions();
        long position = start;
        long row = range.from();
        while (row < range.to()) {
            Cycle cycle = order.admitting(pool, row);
            Admitted after = cycle.admitted(pool).orElseThrow();
            Admitted before = order.admittedBefore(cycle, pool);
            long index = before.total();
            for (int partition = 0; partition < partitions && row < range.to(); partition++) {
                long count = after.rows(partition) - before.rows(partition);
                long skip = Math.min(row - index, count);
                long take = Math.min(count - skip, range.to() - row);
                if (take > 0) {
                    found.add(new Extent(position, range.source(), partition, before.rows(partition) + skip, take));
                    position += take;
                    row += take;
                }
                index += count;
            }
        }
        return position;
    }
}
