package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// How the cycles of a bounded run make passes, and what a fork has of its parent's.
///
/// A pass deals every bucket's deck once, in as many parts as the run has cycles per pass. A *deal* is one such part;
/// deals are numbered through all passes, so deal `d` is part `d mod c` of pass `⌊d / c⌋`. Without forks the number of
/// a cycle is the number of its deal. A fork may begin in the middle of a deal: its first cycle then deals the
/// *remainder* of what the parent had begun, which is no deal of its own, and the deals go on with the one after it.
public final class Passes {
    private final Run run;
    private final Optional<Inheritance> inherited;

    Passes(Run run, Optional<Inheritance> inherited) {
        this.run = run;
        this.inherited = inherited;
    }

    /// The pass that a cycle belongs to, from 0; always 0 for live runs. Rows are dealt once in a pass.
    public long of(int cycle) {
        return run.spec().extent() instanceof Extent.Bounded bounded ? (dealAfter(cycle) - 1) / bounded.cycles() : 0;
    }

    /// Rows that a pass of a bounded run takes of each bucket.
    public Map<Bucket, Long> rowsTaken(Cycle cycle) {
        Map<Bucket, Long> taken = new TreeMap<>();
        BoundedDecks.ranges(run.spec(), cycle.admitted())
                .forEach((bucket, ranges) -> taken.put(
                        bucket, ranges.stream().mapToLong(RowRange::rows).sum()));
        return taken;
    }

    /// Steps that this fork, and those it comes from, left out of their parents' order.
    public long skippedSteps() {
        return skippedBefore(Long.MAX_VALUE);
    }

    /// The deal of a cycle; for the cycle of a remainder, the deal that comes after it.
    long deal(int cycle) {
        if (inherited.isEmpty()) {
            return cycle;
        }
        Inheritance inheritance = inherited.get();
        int firstOwnDeal =
                inheritance.cycles().size() + (inheritance.remainder().isEmpty() ? 0 : 1);
        return inheritance.nextDeal() + Math.max(0, cycle - firstOwnDeal);
    }

    /// The deal that follows a cycle.
    long dealAfter(int cycle) {
        boolean isInherited =
                inherited.filter(parent -> cycle < parent.cycles().size()).isPresent();
        return isInherited ? inherited.orElseThrow().parent().passes().dealAfter(cycle) : deal(cycle + 1);
    }

    /// The run whose seed shuffles a pass: the one that began it.
    Run owner(long pass) {
        if (inherited.isEmpty() || !(run.spec().extent() instanceof Extent.Bounded bounded)) {
            return run;
        }
        boolean begunByParent = pass * bounded.cycles() < inherited.get().nextDeal();
        return begunByParent ? inherited.get().parent().passes().owner(pass) : run;
    }

    /// Whether a bounded run with so many cycles has dealt all its passes.
    boolean areDealt(int cycles) {
        return run.spec().extent() instanceof Extent.Bounded(int cyclesPerPass, int passes)
                && deal(cycles) >= (long) cyclesPerPass * passes;
    }

    /// Steps of a bounded run, from what its cycles admit.
    Optional<Long> totalSteps(NavigableMap<PoolKey, Admitted> admitted) {
        return run.spec().extent() instanceof Extent.Bounded bounded
                ? Optional.of(BoundedDecks.stepsPerPass(run.spec(), admitted) * bounded.passes() - skippedSteps())
                : Optional.empty();
    }

    /// Those of the steps left out that count for a fork of this run.
    ///
    /// @param step of this run where the fork begins
    private long skippedBefore(long step) {
        if (inherited.isEmpty()) {
            return 0;
        }
        ForkPoint fork = run.parent().orElseThrow();
        Passes parent = inherited.get().parent().passes();
        return step < fork.step()
                ? parent.skippedBefore(step)
                : fork.skip() + parent.skippedBefore(fork.step() + fork.skip());
    }
}
