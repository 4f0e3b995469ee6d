package dev.dyadic.sampler.order;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A run and its cycles: everything that fixes its order. Grows at the end only; one thread adds, any thread reads.
public final class RunOrder {
    private final Run run;
    private final List<Cycle> cycles = new ArrayList<>();
    private final Map<PoolKey, Long> dealt = new TreeMap<>();
    private Optional<Committed> committed = Optional.empty();

    /// @param step after which a trainer has a checkpoint
    public record Committed(long step, RecordDigest manifestDigest) {}

    RunOrder(Run run) {
        this.run = run;
    }

    public Run run() {
        return run;
    }

    public synchronized int cycleCount() {
        return cycles.size();
    }

    public synchronized Cycle cycle(int number) {
        return cycles.get(number);
    }

    public synchronized Optional<Cycle> lastCycle() {
        return cycles.isEmpty() ? Optional.empty() : Optional.of(cycles.getLast());
    }

    /// Ledger offset of the last record that fixes the order: the last manifest, or the run's own record.
    long lastRecordOffset() {
        return lastCycle().map(Cycle::ledgerOffset).orElse(run.id());
    }

    public synchronized Optional<Committed> committed() {
        return committed;
    }

    /// Steps `[0, horizon)` are fixed.
    public long horizon() {
        return lastCycle().map(Cycle::endStep).orElse(0L);
    }

    /// Whether no more cycles will come.
    public boolean isComplete() {
        return run.totalCycles().map(total -> cycleCount() >= total).orElse(false);
    }

    /// Steps of a bounded run, known once its first cycle is planned.
    public Optional<Long> totalSteps() {
        if (!(run.spec().extent() instanceof Extent.Bounded bounded) || cycleCount() == 0) {
            return Optional.empty();
        }
        Cycle first = cycle(0);
        Map<Integer, Long> rows = new TreeMap<>();
        first.admitted().forEach((pool, admitted) -> rows.merge(pool.log2(), admitted.total(), Long::sum));
        long perPass = 0;
        for (Map.Entry<Integer, Long> bucket : rows.entrySet()) {
            perPass += bucket.getValue() / run.spec().rowsPerStep(bucket.getKey());
        }
        return Optional.of(perPass * bounded.passes());
    }

    /// The cycle that has this step.
    public synchronized Optional<Cycle> cycleOf(long step) {
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

    /// Rows of a live run's pool that cycles have dealt: always a head of the pool.
    public synchronized long dealt(PoolKey pool) {
        return dealt.getOrDefault(pool, 0L);
    }

    /// The first cycle whose window holds this row of the pool.
    synchronized Cycle admitting(PoolKey pool, long row) {
        int low = 0;
        int high = cycles.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            long total = cycles.get(middle).admitted(pool).map(Admitted::total).orElse(0L);
            if (total > row) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return cycles.get(low);
    }

    synchronized void add(Cycle cycle) {
        if (cycle.number() != cycles.size()) {
            throw new IllegalStateException("expected cycle " + cycles.size() + ", but got " + cycle.number());
        }
        cycles.add(cycle);
        if (run.spec().extent() instanceof Extent.Live) {
            cycle.decks()
                    .values()
                    .forEach(deck -> deck.ranges()
                            .forEach(range -> dealt.put(new PoolKey(deck.log2(), range.source()), range.to())));
        }
    }

    synchronized void commit(long step, RecordDigest manifestDigest) {
        if (committed.isEmpty() || committed.get().step() < step) {
            committed = Optional.of(new Committed(step, manifestDigest));
        }
    }
}
