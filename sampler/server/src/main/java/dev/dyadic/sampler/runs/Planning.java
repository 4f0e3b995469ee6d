package dev.dyadic.sampler.runs;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.Uptime;
import dev.dyadic.sampler.gather.RowRepair;
import dev.dyadic.sampler.ledger.LedgerLog;
import dev.dyadic.sampler.ledger.Signal;
import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.Outcome;
import dev.dyadic.sampler.order.Plan;
import dev.dyadic.sampler.order.Planner;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.segments.SegmentStore;
import dev.dyadic.sampler.watch.InputWatch;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Plans cycles when clients need them. One attempt a run at a time on this replica; other replicas may race, and the
/// ledger decides.
public final class Planning {
    private static final Logger LOG = LoggerFactory.getLogger(Planning.class);

    /// How far past the planned horizon a request may reach: nobody plans the future by accident.
    static final long MAX_STEPS_AHEAD = 64;
    /// A cycle is planned ahead when so little of the last one is left: a part of its steps, or a few.
    private static final long NEAR_END_PART = 8;

    private static final long NEAR_END_STEPS = 2;
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final LedgerLog ledger;
    private final SegmentStore store;
    private final InputWatch input;
    private final RowRepair repair;
    private final Signal signal;
    private final InstantSource clock;
    private final String replica;
    private final Map<Long, RunPlanning> runs = new ConcurrentHashMap<>();

    private static final class RunPlanning {
        /// Held for one attempt at a time, never while waiting for data.
        final ReentrantLock lock = new ReentrantLock();

        volatile Shortage shortage = Shortage.NONE;
    }

    public Planning(
            LedgerLog ledger,
            SegmentStore store,
            InputWatch input,
            RowRepair repair,
            Signal signal,
            InstantSource clock,
            String replica) {
        this.input = input;
        this.repair = repair;
        this.ledger = ledger;
        this.store = store;
        this.signal = signal;
        this.clock = clock;
        this.replica = replica;
    }

    /// Waits until the step is planned.
    ///
    /// @param deadlineNanos on the clock of [System#nanoTime]
    /// @throws DyadicException OUT_OF_RANGE or NOT_READY, with the reason
    public void awaitStep(RunOrder order, long step, long deadlineNanos) throws InterruptedException {
        requireKnown(order);
        if (order.horizon() > step) {
            return;
        }
        RunPlanning planning = planningOf(order);
        while (order.horizon() <= step) {
            requireWithin(order, step);
            long seen = signal.version();
            boolean starved = true;
            if (planning.lock.tryLock()) {
                try {
                    starved = attempt(order, planning, deadlineNanos) instanceof Plan.NotEnough;
                } finally {
                    planning.lock.unlock();
                }
            }
            if (order.horizon() <= step) {
                awaitGrowth(order, step, planning, starved, seen, deadlineNanos);
            }
        }
    }

    /// Waits until the step is planned by somebody else: for callers that may read, and not plan.
    public void awaitStepOfOthers(RunOrder order, long step, long deadlineNanos) throws InterruptedException {
        requireKnown(order);
        while (order.horizon() <= step) {
            requireKnown(order);
            requireWithin(order, step);
            long seen = signal.version();
            long left = deadlineNanos - System.nanoTime();
            if (left <= 0) {
                throw notReady(
                        order,
                        step,
                        order.horizon()
                                + " steps are, and the next cycle is planned when a caller with the role 'train'"
                                + " asks for one of its steps");
            }
            if (order.horizon() <= step) {
                signal.await(seen, left);
            }
        }
    }

    /// Whether the last planned cycle is nearly served, so that the next one should be planned now.
    public boolean isNearEnd(RunOrder order, long step) {
        if (order.isEnded()) {
            return false;
        }
        return order.lastCycle()
                .map(Cycle::steps)
                .map(steps -> step + Math.max(NEAR_END_STEPS, steps / NEAR_END_PART) >= order.horizon())
                .orElse(false);
    }

    /// Plans the next cycle if the data is there and nobody else is at it. Never waits for data.
    public void planAhead(RunOrder order, long step) {
        RunPlanning planning = planningOf(order);
        if (!planning.lock.tryLock()) {
            return;
        }
        try {
            if (isNearEnd(order, step)) {
                attempt(order, planning, Signal.deadlineIn(LedgerLog.APPEND_MILLIS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // A caller that asks for a step of that cycle gets this reason.
            LOG.warn("planning ahead failed, run={} reason={}", order.run().name(), e.getMessage());
        } finally {
            planning.lock.unlock();
        }
    }

    private static void requireWithin(RunOrder order, long step) {
        if (order.isEnded() || order.totalSteps().map(total -> step >= total).orElse(false)) {
            throw new DyadicException(
                    DyadicException.Kind.OUT_OF_RANGE,
                    "run " + order.run().name() + (order.isClosed() ? " is closed" : " is bounded") + " and has "
                            + (order.isClosed()
                                    ? order.horizon()
                                    : order.totalSteps().orElse(order.horizon()))
                            + " steps; step " + step + " does not exist");
        }
        if (step >= order.horizon() + MAX_STEPS_AHEAD) {
            throw new DyadicException(
                    DyadicException.Kind.OUT_OF_RANGE,
                    "step " + step + " of run " + order.run().name() + " is too far ahead: " + order.horizon()
                            + " steps are planned, and a request may reach " + MAX_STEPS_AHEAD + " past them");
        }
    }

    /// The ledger is read, and has no record about the run that this program does not know.
    private void requireKnown(RunOrder order) {
        ledger.requireAlive();
        ledger.state().obstacle(order.run().name()).ifPresent(refusal -> {
            throw refusal.toException();
        });
    }

    private RunPlanning planningOf(RunOrder order) {
        return runs.computeIfAbsent(order.run().id(), _ -> new RunPlanning());
    }

    /// One attempt; after it the order may have grown, by this proposal or by another's.
    private Plan attempt(RunOrder order, RunPlanning planning, long deadlineNanos) throws InterruptedException {
        requireKnown(order);
        long now = Uptime.millis();
        long cycle = order.cycleCount();
        Shortage shortage = planning.shortage;
        long waited = shortage.waitedMillis(cycle, now);
        Plan plan = repair.reading(() -> Planner.plan(
                order,
                store.available(order.run().spec().split()),
                ledger.state().endOffset(),
                waited,
                clock.millis(),
                replica));
        switch (plan) {
            case Plan.Proposed(var manifest) -> {
                Outcome fold = ledger.append(manifest, deadlineNanos);
                LOG.info(
                        "cycle proposed, run={} cycle={} steps={} outcome={}",
                        order.run().name(),
                        manifest.getCycle(),
                        manifest.getSteps(),
                        fold);
                if (fold instanceof Outcome.Invalid(String reason)) {
                    throw new DyadicException(
                            DyadicException.Kind.DATA_LOSS,
                            "this replica's plan for cycle " + manifest.getCycle() + " of run "
                                    + order.run().name() + " is not valid: " + reason);
                }
            }
            case Plan.NotEnough missing -> planning.shortage = shortage.again(cycle, now, missing);
            case Plan.Complete() -> {}
        }
        return plan;
    }

    private void awaitGrowth(
            RunOrder order, long step, RunPlanning planning, boolean starved, long seen, long deadlineNanos)
            throws InterruptedException {
        long left = deadlineNanos - System.nanoTime();
        Shortage shortage = planning.shortage;
        if (left <= 0) {
            throw notReady(
                    order,
                    step,
                    shortage.describe(order.cycleCount(), Uptime.millis(), clock.millis()) + input.describe());
        }
        if (!starved) {
            return;
        }
        long wait = left;
        if (shortage.cycle() != order.cycleCount()) {
            // Another call is just finding out what is short.
            wait = Math.min(left, RETRY_NANOS);
        }
        if (order.run().spec().extent() instanceof Extent.Live live) {
            long untilEnough = shortage.sinceMillis() + live.maxWaitMillis() - Uptime.millis();
            if (untilEnough > 0) {
                wait = Math.min(wait, TimeUnit.MILLISECONDS.toNanos(untilEnough));
            }
        }
        signal.await(seen, wait);
    }

    private static DyadicException notReady(RunOrder order, long step, String reason) {
        return new DyadicException(
                DyadicException.Kind.NOT_READY,
                "step " + step + " of run " + order.run().name() + " is not planned yet: " + reason);
    }
}
