package dev.dyadic.sampler.simulate;

import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.CycleOrder;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.PoolAccount;
import dev.dyadic.sampler.order.PoolKey;
import dev.dyadic.sampler.order.RowRefs;
import dev.dyadic.sampler.order.Run;
import dev.dyadic.sampler.order.RunOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Holds what replicas serve against laws 1, 3, 4 and 6. Knows of the order only which rows came out.
final class Checker {
    /// A broken law.
    static final class BrokenLaw extends RuntimeException {
        BrokenLaw(String message) {
            super(message);
        }
    }

    private record StepKey(String run, long step) {}

    private record RowId(PoolKey pool, int partition, long offset) {}

    private final World world;
    private final Map<StepKey, List<RowId>> served = new HashMap<>();
    private long steps;

    Checker(World world) {
        this.world = world;
    }

    long stepsServed() {
        return steps;
    }

    /// Law 3 and 4: a replica serves a step that it holds for planned.
    void serve(RunOrder order, long step) {
        Cycle cycle = order.cycleOf(step).orElseThrow();
        serve(order, new CycleOrder(order, cycle), step);
    }

    private List<RowId> serve(RunOrder order, CycleOrder cycleOrder, long step) {
        Run run = order.run();
        int count = cycleOrder.rowsPerStep(step);
        if (cycleOrder.bucketAt(step).positions(count) != run.spec().tokensPerStep()) {
            throw new BrokenLaw("law 4: step " + step + " of " + run.name() + " has " + count + " rows of length "
                    + cycleOrder.bucketAt(step));
        }
        // Half of the time in two slices.
        int cut = (int) (step % 2) * (count / 2);
        List<RowId> rows = new ArrayList<>(ids(run, cycleOrder.rows(step, 0, cut)));
        rows.addAll(ids(run, cycleOrder.rows(step, cut, count - cut)));
        steps++;
        List<RowId> before = served.putIfAbsent(new StepKey(run.name(), step), rows);
        if (before != null && !before.equals(rows)) {
            throw new BrokenLaw("law 3: step " + step + " of " + run.name() + " was served with other rows before");
        }
        return rows;
    }

    /// Laws 1 and 6 over all that is planned of a run.
    void audit(RunOrder order) {
        Set<RowId> pass = new HashSet<>();
        Map<PoolKey, Long> dealt = new HashMap<>();
        for (int number = 0; number < order.cycleCount(); number++) {
            if (number > 0 && order.passes().of(number) > order.passes().of(number - 1)) {
                pass.clear();
            }
            Cycle cycle = order.cycle(number);
            CycleOrder cycleOrder = new CycleOrder(order, cycle);
            for (long step = cycle.firstStep(); step < cycle.endStep(); step++) {
                for (RowId row : serve(order, cycleOrder, step)) {
                    if (!pass.add(row)) {
                        throw new BrokenLaw("law 6: step " + step + " of "
                                + order.run().name() + " serves " + row + " a second time");
                    }
                    dealt.merge(row.pool(), 1L, Long::sum);
                }
            }
        }
        if (order.run().spec().extent() instanceof Extent.Live) {
            checkPools(order, dealt);
        }
    }

    /// Every admitted row is dealt, pending or shed; what a fork skips is counted by its steps.
    private void checkPools(RunOrder order, Map<PoolKey, Long> dealt) {
        long missing = 0;
        for (PoolAccount account : order.accounts()) {
            long steps = dealt.getOrDefault(account.pool(), 0L);
            if (!account.isConserved() || account.dealt() < steps) {
                throw new BrokenLaw("law 1: steps of " + order.run().name() + " serve " + steps + " rows of "
                        + account.pool() + ", but the account is " + account);
            }
            missing += account.pool().bucket().positions(account.dealt() - steps);
        }
        long skipped = order.passes().skippedSteps() * order.run().spec().tokensPerStep();
        long remainder = order.pendingRemainderSteps() * order.run().spec().tokensPerStep();
        if (missing != skipped + remainder) {
            throw new BrokenLaw(
                    "law 1: " + missing + " tokens of " + order.run().name()
                            + " are counted as dealt, but no step serves them; " + skipped + " are skipped");
        }
    }

    private List<RowId> ids(Run run, RowRefs refs) {
        RowId[] ids = new RowId[refs.count()];
        for (int i = 0; i < ids.length; i++) {
            PoolKey pool = new PoolKey(refs.bucket(), refs.source(i));
            int partition = refs.partition(i);
            long from = run.from().get(refs.bucket(), partition);
            ids[i] = new RowId(pool, partition, world.log.offset(pool, partition, from, refs.ordinal(i)));
        }
        return Arrays.asList(ids);
    }
}
