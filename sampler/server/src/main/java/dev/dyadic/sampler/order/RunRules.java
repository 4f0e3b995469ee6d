package dev.dyadic.sampler.order;

import dev.dyadic.proto.DyadicException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/// The rules by which runs are forked, amended, closed and committed. A request is decided by them, and so is the
/// record of one when it is applied: see [RunDecisions] and [LedgerState]. All are pure functions of the ledger before
/// it.
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
        Optional<Refusal> otherMixture = keepsMixture(run, spec.mixture(), "a fork");
        if (otherMixture.isPresent()) {
            return otherMixture;
        }
        if (fork.skip() > parent.horizon() - fork.step()) {
            return Optional.of(Refusal.of(
                    DyadicException.Kind.OUT_OF_RANGE,
                    "run " + run.name() + " has " + parent.horizon() + " steps planned, but the fork begins at step "
                            + fork.step() + " and skips " + fork.skip()));
        }
        return Optional.empty();
    }

    /// @return why the run cannot be amended at all
    static Optional<Refusal> amend(RunOrder order) {
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
        return Optional.empty();
    }

    /// The decks of a bounded run are made when it opens.
    ///
    /// @param who a fork, or the run itself
    static Optional<Refusal> keepsMixture(Run run, MixtureWeights mixture, String who) {
        return run.until().isPresent() && !mixture.equals(run.spec().mixture())
                ? invalid("the decks of a bounded run are made when it opens, so " + who
                        + " keeps its mixture: open another run")
                : Optional.empty();
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

    /// A checkpoint has to name the run, and a step that the manifest it names fixes. A fork takes the checkpoints of
    /// the steps that it inherits.
    ///
    /// @param runId that the checkpoint names
    /// @return why it is none of the run
    static Optional<Refusal> checkpoint(RunOrder order, long runId, long step, byte[] manifestDigest) {
        Run run = order.run();
        Optional<Cycle> found = order.cycleOf(step);
        if (found.isEmpty()) {
            return mismatch("the checkpoint is after step " + step + ", but run " + run.name() + " has only "
                    + order.horizon() + " steps planned");
        }
        Cycle cycle = found.get();
        if (runId != run.id() && runId != cycle.run().id()) {
            return mismatch("the checkpoint is of run id " + runId + ", but run " + run.name() + " has id " + run.id());
        }
        if (!Arrays.equals(manifestDigest, cycle.digest().toArray())) {
            return mismatch("the checkpoint after step " + step + " names manifest "
                    + HexFormat.of().formatHex(manifestDigest) + ", but cycle " + cycle.number() + " of run "
                    + run.name() + " has " + cycle.digest());
        }
        return Optional.empty();
    }

    /// @return why this program cannot serve the run
    static Optional<Refusal> known(Run run) {
        return run.isKnown()
                ? Optional.empty()
                : Optional.of(needsUpgrade(
                        "run " + run.name(),
                        "it has order version " + run.orderVersion() + ", and this program knows those up to "
                                + Run.ORDER_VERSION));
    }

    /// While programs are upgraded one after the other, another replica may know enough: a caller tries again.
    static Refusal needsUpgrade(String what, String reason) {
        return Refusal.of(
                DyadicException.Kind.NOT_READY,
                what + " is neither planned nor served by this replica: " + reason + "; upgrade it");
    }

    private static Optional<Refusal> invalid(String reason) {
        return Optional.of(Refusal.of(DyadicException.Kind.INVALID, reason));
    }

    private static Optional<Refusal> mismatch(String reason) {
        return Optional.of(Refusal.of(DyadicException.Kind.MISMATCH, reason));
    }
}
