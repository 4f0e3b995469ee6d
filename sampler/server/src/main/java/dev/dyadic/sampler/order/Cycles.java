package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// The cycles of one run in their order, and where steps and rows lie in them. Cycles never change, and new ones come
/// at the end only. Any thread may read; the thread that folds the ledger adds.
///
/// The rows of a pool are ordered by the cycle that admitted them (the first whose window holds them), then by
/// partition, then by offset. This class turns such a number into its admitting cycle, and a row of a partition into
/// such a number.
public final class Cycles {
    private final Run run;
    private final List<Cycle> cycles = new ArrayList<>();

    /// @param inherited cycles that a fork has of its parent
    Cycles(Run run, List<Cycle> inherited) {
        this.run = run;
        cycles.addAll(inherited);
    }

    synchronized void add(Cycle cycle) {
        if (cycle.number() != cycles.size()) {
            throw new IllegalStateException("expected cycle " + cycles.size() + ", but got " + cycle.number());
        }
        cycles.add(cycle);
    }

    public synchronized int count() {
        return cycles.size();
    }

    public synchronized Cycle get(int number) {
        return cycles.get(number);
    }

    public synchronized Optional<Cycle> last() {
        return cycles.isEmpty() ? Optional.empty() : Optional.of(cycles.getLast());
    }

    /// All cycles that were there at the call.
    synchronized List<Cycle> all() {
        return List.copyOf(cycles);
    }

    /// The cycle that has this step.
    public synchronized Optional<Cycle> ofStep(long step) {
        int low = 0;
        int high = cycles.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Cycle cycle = cycles.get(middle);
            if (step < cycle.firstStep()) {
                high = middle - 1;
            } else if (step >= cycle.endStep()) {
                low = middle + 1;
            } else {
                return Optional.of(cycle);
            }
        }
        return Optional.empty();
    }

    /// The first cycle whose window holds this row of the pool.
    ///
    /// @param row number in the pool; it has to be admitted
    synchronized Cycle admitting(PoolKey pool, long row) {
        int low = 0;
        int high = cycles.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (cycles.get(middle).admitted(pool).map(Admitted::total).orElse(0L) > row) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return cycles.get(low);
    }

    /// What a pool has before this cycle, by the cycle that comes before it in this run.
    synchronized Admitted admittedBefore(Cycle cycle, PoolKey pool) {
        int index = Collections.binarySearch(cycles, cycle, (a, b) -> Long.compare(a.ledgerOffset(), b.ledgerOffset()));
        Admitted none = Admitted.none(run.from().partitions());
        return index == 0 ? none : cycles.get(index - 1).admitted(pool).orElse(none);
    }

    /// Where a replica begins to number the rows of a partition, if it has those from an offset on.
    ///
    /// @throws OrderContradictionException if no manifest counts up to there
    public synchronized CountedOffset counted(Bucket bucket, int partition, long firstOffset) {
        long from = run.from().get(bucket, partition);
        if (firstOffset <= from) {
            return new CountedOffset(from, partition, Optional.empty());
        }
        for (Cycle cycle : cycles) {
            long end = cycle.window().get(bucket, partition);
            if (end >= firstOffset) {
                return new CountedOffset(end, partition, Optional.of(cycle));
            }
        }
        throw new OrderContradictionException("rows of run " + run.name() + " are gone: it needs length " + bucket
                + " partition " + partition + " from offset " + from + " on, but Kafka has only what begins at offset "
                + firstOffset + ", and no cycle of the run counts up to there");
    }

    /// Cycles that may deal this row, in their order: those whose decks hold it.
    ///
    /// @param ordinal of the row among the pool's rows on its partition
    public synchronized List<Cycle> dealing(PoolKey pool, int partition, long ordinal) {
        int admitting = admittingOnPartition(pool, partition, ordinal);
        if (admitting == cycles.size()) {
            return List.of();
        }
        long row = numberInPool(cycles.get(admitting), pool, partition, ordinal);
        List<Cycle> found = new ArrayList<>();
        for (Cycle cycle : cycles.subList(admitting, cycles.size())) {
            DeckSlice deck = cycle.decks().get(pool.bucket());
            if (deck != null && deck.has(pool.source(), row)) {
                found.add(cycle);
            }
        }
        return found;
    }

    /// @return number of the first cycle whose window holds the row; the number of cycles where none does
    private int admittingOnPartition(PoolKey pool, int partition, long ordinal) {
        int low = 0;
        int high = cycles.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            long rows = cycles.get(middle)
                    .admitted(pool)
                    .map(admitted -> admitted.rows(partition))
                    .orElse(0L);
            if (rows > ordinal) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private long numberInPool(Cycle admitting, PoolKey pool, int partition, long ordinal) {
        Admitted before = admittedBefore(admitting, pool);
        Admitted after = admitting.admitted(pool).orElseThrow();
        long number = before.total() + ordinal - before.rows(partition);
        for (int other = 0; other < partition; other++) {
            number += after.rows(other) - before.rows(other);
        }
        return number;
    }
}
