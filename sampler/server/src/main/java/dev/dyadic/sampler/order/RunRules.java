package dev.dyadic.sampler.order;

import dev.dyadic.proto.DyadicException;
import java.util.Optional;

/// The rules by which runs are forked, amended, closed and committed. A request is decided by them, and so is the
/// record
/// of one when it is applied: see [RunDecisions] and [LedgerState]. All are pure functions of the ledger before it.
final class RunRules {
    private RunRules() {}

    /// @return why a run with this spec and these rows cannot be a fork of the parent
    static Optional<Refusal> fork(RunOrder parent, ForkPoint fork, RunSpec spec, Window from, Optional<Window> until) {
        Run run = parent.run();
        boolean sameRows = spec.tokensPerStep() == run.spec().tokensPerStep()
                && spec.buckets().equals(run.spec().buckets())
                && spec.split() == run.spec().split()
                && spec.extent().equals(run.spec().extent())
                && from.equals(run.from())
                && until.equals(run.until());
        if (!sameRows) {
            return invalid("a fork has its parent's rows, steps and extent, but they differ");
        }
        if (until.isPresent() && !spec.mixture().equals(run.spec().mixture())) {
            return invalid(
                    "the decks of a bounded run are made when it opens, so a fork keeps its mixture: open another run");
        }
        if (fork.skip() > parent.horizon() - fork.step()) {
            return Optional.of(Refusal.of(
                    DyadicException.Kind.OUT_OF_RANGE,
                    "run " + run.name() + " has " + parent.horizon() + " steps planned, but the fork begins at step "
                            + fork.step() + " and skips " + fork.skip()));
        }
        return Optional.empty();
    }

    /// @return why the run cannot be amended to this policy
    static Optional<Refusal> amend(RunOrder order, Policy policy) {
        Run run = order.run();
        if (!run.isKnown() || !run.canBeAmended()) {
            return Optional.of(Refusal.lostRace("run " + run.name() + " has order version " + run.orderVersion()
                    + ", which knows no amendments: fork it"));
        }
        if (order.isEnded()) {
            return Optional.of(
                    Refusal.lostRace("run " + run.name() + (order.isClosed() ? " is closed" : " is planned to its end")
                            + ": there is nothing left to amend; fork it"));
        }
        if (run.until().isPresent() && !policy.mixture().equals(run.spec().mixture())) {
            return invalid("the decks of a bounded run are made when it opens, so its mixture stays: open another run");
        }
        return Optional.empty();
    }

    /// An amendment counts if its basis lies after the last amendment: who wrote it knew that one.
    ///
    /// @param offset of the amendment in the ledger
    static Optional<Refusal> basisOfAmendment(RunOrder order, long basis, long offset) {
        long last = order.amendedAt().orElse(order.run().id());
        return basis <= last || basis > offset
                ? Optional.of(Refusal.lostRace("its basis " + basis + " is not between the last amendment and itself"))
                : Optional.empty();
    }

    /// @return why the run cannot be closed
    static Optional<Refusal> close(RunOrder order) {
        return order.isClosed()
                ? Optional.of(Refusal.lostRace("run " + order.run().name() + " is closed already"))
                : Optional.empty();
    }

    /// @return why a checkpoint after this step is none of the run
    static Optional<Refusal> commit(RunOrder order, long step, RecordDigest manifestDigest) {
        Optional<Cycle> cycle = order.cycleOf(step);
        if (cycle.isEmpty()) {
            return mismatch("the checkpoint is after step " + step + ", but run "
                    + order.run().name() + " has only " + order.horizon() + " steps planned");
        }
        if (!cycle.get().digest().equals(manifestDigest)) {
            return mismatch("the checkpoint after step " + step + " names manifest " + manifestDigest + ", but cycle "
                    + cycle.get().number() + " of run " + order.run().name() + " has "
                    + cycle.get().digest());
        }
        return Optional.empty();
    }

    /// @return why this program cannot serve the run
    static Optional<Refusal> known(RunOrder order) {
        return order.run().isKnown()
                ? Optional.empty()
                : mismatch("run " + order.run().name() + " has order version "
                        + order.run().orderVersion() + ", but this sampler knows only " + Run.ORDER_VERSION
                        + ": upgrade it");
    }

    private static Optional<Refusal> invalid(String reason) {
        return Optional.of(Refusal.of(DyadicException.Kind.INVALID, reason));
    }

    private static Optional<Refusal> mismatch(String reason) {
        return Optional.of(Refusal.of(DyadicException.Kind.MISMATCH, reason));
    }
}
