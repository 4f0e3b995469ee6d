package dev.dyadic.sampler.serve;

import dev.dyadic.sampler.ledger.LedgerLog;
import dev.dyadic.sampler.ledger.Signal;
import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.Fold;
import dev.dyadic.sampler.order.Plan;
import dev.dyadic.sampler.order.Planner;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.segments.SegmentStore;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Plans cycles when clients need them. One attempt a run at a time on this replica; other replicas may race, and the
/// ledger decides.
final class Planning {
    private static final Logger LOG = LoggerFactory.getLogger(Planning.class);

    /// How far past the planned horizon a request may reach: nobody plans the future by accident.
    static final long MAX_STEPS_AHEAD = 64;
    /// A cycle is planned ahead when so little of the last one is left: a part of its steps, or a few.
    private static final long NEAR_END_PART = 8;

    private static final long NEAR_END_STEPS = 2;

    private final LedgerLog ledger;
    private final SegmentStore store;
    private final Signal signal;
    private final InstantSource clock;
    private final String replica;
    private final Map<Long, RunPlanning> runs = new ConcurrentHashMap<>();

    private static final class RunPlanning {
        final ReentrantLock lock = new ReentrantLock();
        /// When this run was first found short of data; 0 where it is not. Guarded by `lock`.
        long starvedSinceMillis;
    }

    Planning(LedgerLog ledger, SegmentStore store, Signal signal, InstantSource clock, String replica) {
        this.ledger = ledger;
        this.store = store;
        this.signal = signal;
        this.clock = clock;
        this.replica = replica;
    }

    /// Waits until the step is planned.
    ///
    /// @param deadlineNanos on the clock of [System#nanoTime]
    /// @throws SamplerException OUT_OF_RANGE or NOT_READY, with the reason
    void awaitStep(RunOrder order, long step, long deadlineNanos) throws InterruptedException {
        if (order.horizon() > step) {
            return;
        }
        if (!order.isComplete() && step >= order.horizon() + MAX_STEPS_AHEAD) {
            throw new SamplerException(
                    SamplerException.Kind.OUT_OF_RANGE,
                    "step " + step + " of run " + order.run().name() + " is too far ahead: " + order.horizon()
                            + " steps are planned, and a request may reach " + MAX_STEPS_AHEAD + " past them");
        }
        RunPlanning planning = planningOf(order);
        if (!planning.lock.tryLock(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS)) {
            throw notReady(order, step, "another call is waiting for data to plan with");
        }
        try {
            while (order.horizon() <= step) {
                long seen = signal.version();
                Plan plan = attempt(order, planning);
                if (plan instanceof Plan.Complete || (order.isComplete() && order.horizon() <= step)) {
                    throw new SamplerException(
                            SamplerException.Kind.OUT_OF_RANGE,
                            "run " + order.run().name() + " is bounded and has " + order.horizon() + " steps; step "
                                    + step + " does not exist");
                }
                if (plan instanceof Plan.Starved starved) {
                    awaitGrowth(order, step, planning, starved, seen, deadlineNanos);
                }
            }
        } finally {
            planning.lock.unlock();
        }
    }

    /// Whether the last planned cycle is nearly served, so that the next one should be planned now.
    boolean isNearEnd(RunOrder order, long step) {
        if (order.isComplete()) {
            return false;
        }
        return order.lastCycle()
                .map(Cycle::steps)
                .map(steps -> step + Math.max(NEAR_END_STEPS, steps / NEAR_END_PART) >= order.horizon())
                .orElse(false);
    }

    /// Plans the next cycle if the data is there and nobody else is at it. Never waits for data.
    void planAhead(RunOrder order, long step) {
        RunPlanning planning = planningOf(order);
        if (!planning.lock.tryLock()) {
            return;
        }
        try {
            if (isNearEnd(order, step)) {
                attempt(order, planning);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            planning.lock.unlock();
        }
    }

    private RunPlanning planningOf(RunOrder order) {
        return runs.computeIfAbsent(order.run().id(), _ -> new RunPlanning());
    }

    /// One attempt; after it the order may have grown, by this proposal or by another's.
    private Plan attempt(RunOrder order, RunPlanning planning) throws InterruptedException {
        ledger.requireAlive();
        long now = clock.millis();
        long waited = planning.starvedSinceMillis == 0 ? 0 : now - planning.starvedSinceMillis;
        Plan plan = Planner.plan(
                order,
                store.available(order.run().spec().split()),
                ledger.state().endOffset(),
                waited,
                now,
                replica);
        switch (plan) {
            case Plan.Proposed(var manifest) -> {
                Fold fold = ledger.append(manifest);
                planning.starvedSinceMillis = 0;
                LOG.info(
                        "cycle proposed, run={} cycle={} steps={} outcome={}",
                        order.run().name(),
                        manifest.getCycle(),
                        manifest.getSteps(),
                        fold);
            }
            case Plan.Starved _ -> {
                if (planning.starvedSinceMillis == 0) {
                    planning.starvedSinceMillis = now;
                }
            }
            case Plan.Complete() -> {}
        }
        return plan;
    }

    private void awaitGrowth(
            RunOrder order, long step, RunPlanning planning, Plan.Starved starved, long seen, long deadlineNanos)
            throws InterruptedException {
        long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
            long waitedMillis = clock.millis() - planning.starvedSinceMillis;
            throw notReady(
                    order,
                    step,
                    starved.steps() + " of " + starved.needed() + " steps are there, for " + waitedMillis + " ms; "
                            + starved.reason());
        }
        long wait = left;
        if (order.run().spec().extent() instanceof Extent.Live live) {
            long untilEnough = planning.starvedSinceMillis + live.maxWaitMillis() - clock.millis();
            if (untilEnough > 0) {
                wait = Math.min(left, TimeUnit.MILLISECONDS.toNanos(untilEnough));
            }
        }
        signal.await(seen, wait);
    }

    private static SamplerException notReady(RunOrder order, long step, String reason) {
        return new SamplerException(
                SamplerException.Kind.NOT_READY,
                "step " + step + " of run " + order.run().name() + " is not planned yet: " + reason);
    }
}
