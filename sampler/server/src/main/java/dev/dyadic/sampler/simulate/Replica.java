package dev.dyadic.sampler.simulate;

import dev.dyadic.proto.avro.Manifest;
import dev.dyadic.sampler.order.LedgerState;
import dev.dyadic.sampler.order.OrderParts;
import dev.dyadic.sampler.order.Plan;
import dev.dyadic.sampler.order.Planner;
import dev.dyadic.sampler.order.RunOrder;
import java.util.Optional;

/// One sampler: the part of the ledger that it has folded, the part of the log that it has read.
class Replica {
    private final World world;
    private final OrderParts parts;
    private final String name;
    private LedgerState state;
    private MemoryLog.View view;
    private int folded;

    Replica(World world, OrderParts parts, String name) {
        this.world = world;
        this.parts = parts;
        this.name = name;
        this.state = new LedgerState(world.corpus, parts);
        this.view = new MemoryLog.View(world.log);
    }

    final LedgerState state() {
        return state;
    }

    void readLog() {
        view.readSome(world.buckets, world.partitions, world.random);
    }

    void readAllOfLog() {
        view.readAll();
    }

    /// Folds so many more records, where there are so many.
    void readLedger(long records) {
        long end = Math.min(world.ledger.size(), folded + records);
        while (folded < end) {
            // A replica that acted before reading back has passed this offset already.
            if (folded >= state.endOffset()) {
                state.apply(folded, world.ledger.get(folded));
            }
            folded++;
        }
    }

    void readAllOfLedger() {
        readLedger(world.ledger.size());
    }

    /// Loses what it had in memory and, perhaps, on its disk.
    void crash(boolean losesDisk) {
        state = new LedgerState(world.corpus, parts);
        folded = 0;
        if (losesDisk) {
            view = new MemoryLog.View(world.log);
        }
    }

    /// Plans the next cycle of a run from what it knows.
    ///
    /// @param patient whether the run has waited long enough for what is there
    Optional<Manifest> propose(RunOrder order, boolean patient) {
        long waited = patient ? Long.MAX_VALUE : 0;
        Plan plan = Planner.plan(order, view, state.endOffset(), waited, 0, name);
        if (!(plan instanceof Plan.Proposed(Manifest manifest))) {
            return Optional.empty();
        }
        proposed(manifest);
        return Optional.of(manifest);
    }

    /// Does with a proposal what a replica does before the ledger has it: nothing.
    void proposed(Manifest manifest) {}
}
