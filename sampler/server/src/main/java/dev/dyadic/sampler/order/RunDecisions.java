package dev.dyadic.sampler.order;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.avro.Amended;
import dev.dyadic.proto.avro.Closed;
import dev.dyadic.proto.avro.Committed;
import dev.dyadic.proto.avro.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Decides what a request on a run does: a pure function of the ledger as it was folded and of the request. It gives
/// the record to append, or says why there is none. Whoever asks appends the record, waits until it was read back, and
/// looks again: other replicas may have appended first, and the fold decides by the same [RunRules].
///
/// Every request is idempotent: once the ledger has what it asks for, the decision is [Decision.Done].
public final class RunDecisions {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}");

    private final LedgerState state;

    public RunDecisions(LedgerState state) {
        this.state = state;
    }

    /// The rows that a run has: offsets that its spec's start means now, and for bounded runs where they end.
    public record Rows(Window from, Optional<Window> until) {}

    /// Whether a run of this name and spec is there; empty where it has to be made.
    public Optional<Decision> opened(String name, RunSpec spec) {
        Optional<Decision> obstacle = state.obstacle(name).map(Decision.Refused::new);
        return obstacle.isPresent()
                ? obstacle
                : state.run(name).map(order -> {
                    List<String> differences =
                            new ArrayList<>(order.run().spec().differences(spec));
                    order.run().parent().ifPresent(_ -> differences.add("it is a fork"));
                    return same(
                            order,
                            "run " + name + " is there with another spec: ",
                            differences,
                            ". Use the run's spec, or another name.");
                });
    }

    /// Opens a run; the same name and spec give the same run.
    public Decision open(String name, RunSpec spec, Rows rows, long nowMillis) {
        Optional<Decision> decided = opened(name, spec).or(() -> wrongName(name));
        if (decided.isPresent()) {
            return decided.get();
        }
        Window from = rows.from();
        if (rows.until().filter(from::equals).isPresent()) {
            return refused(
                    DyadicException.Kind.MISMATCH,
                    "run " + name + " is not opened: a bounded run has what is there, and nothing is there yet; ingest"
                            + " documents first");
        }
        if (rows.until().filter(from::isAfter).isPresent()) {
            return refused(
                    DyadicException.Kind.INVALID,
                    "the bounded run has no rows: it starts after the end of what is there");
        }
        return new Decision.Append(Run.record(name, spec, from, rows.until(), Optional.empty(), nowMillis));
    }

    /// Makes a run that has another's steps below one; the same name, parent, step and changes give the same run.
    ///
    /// @param seed empty: the parent's
    public Decision fork(
            String name,
            String parentName,
            long step,
            long skip,
            Optional<Long> seed,
            PolicyChange change,
            long nowMillis) {
        Optional<Decision> decided =
                wrongName(name).or(() -> missing(parentName).map(Decision.Refused::new));
        if (decided.isPresent()) {
            return decided.get();
        }
        RunOrder parent = state.run(parentName).orElseThrow();
        Run from = parent.run();
        RunSpec spec = from.spec()
                .with(
                        seed.orElse(from.spec().seed()),
                        change.apply(parent.policy(), from.spec().buckets()));
        ForkPoint fork = new ForkPoint(from.id(), step, skip);
        Optional<Refusal> refusal = RunRules.fork(parent, fork, spec, from.from(), from.until());
        if (refusal.isPresent()) {
            return new Decision.Refused(refusal.get());
        }
        Optional<Refusal> obstacle = state.obstacle(name);
        if (obstacle.isPresent()) {
            return new Decision.Refused(obstacle.get());
        }
        return state.run(name)
                .map(order -> sameFork(order, from, fork, spec))
                .orElseGet(() -> new Decision.Append(
                        Run.record(name, spec, from.from(), from.until(), Optional.of(fork), nowMillis)));
    }

    /// Changes how the run's cycles are planned from the next one on.
    public Decision amend(String name, PolicyChange change, long nowMillis) {
        Optional<Refusal> missing = missing(name);
        if (missing.isPresent()) {
            return new Decision.Refused(missing.get());
        }
        // Read before the policy: an amendment that comes between makes this one void, and not itself.
        long basis = state.endOffset();
        RunOrder order = state.run(name).orElseThrow();
        Run run = order.run();
        Policy policy = change.apply(order.policy(), run.spec().buckets());
        return RunRules.keepsMixture(run, policy.mixture(), "it")
                .or(() -> RunRules.amend(order))
                .<Decision>map(Decision.Refused::new)
                .orElseGet(() -> new Decision.Append(Amended.newBuilder()
                        .setRunId(run.id())
                        .setBasis(basis)
                        .setCurriculum(policy.curriculum().name())
                        .setOdds(policy.curriculum().oddsTexts())
                        .setWeighting(policy.weighting().text())
                        .setMixture(policy.mixture().toRecord())
                        .setAmendedMillis(nowMillis)
                        .build()));
    }

    /// Ends the planning of a run.
    public Decision close(String name, long nowMillis) {
        Optional<Refusal> missing = missing(name);
        if (missing.isPresent()) {
            return new Decision.Refused(missing.get());
        }
        RunOrder order = state.run(name).orElseThrow();
        return RunRules.close(order).isPresent()
                ? new Decision.Done(order)
                : new Decision.Append(new Closed(order.run().id(), nowMillis));
    }

    /// Records that a trainer has a checkpoint after a step. What is below the newest commit needs no record.
    ///
    /// @param runId that the checkpoint names
    /// @param manifestDigest that the checkpoint names
    public Decision commit(String name, long runId, long step, byte[] manifestDigest, long nowMillis) {
        Optional<Refusal> refusal = missing(name).or(() -> checkpoint(name, runId, step, manifestDigest));
        if (refusal.isPresent()) {
            return new Decision.Refused(refusal.get());
        }
        RunOrder order = state.run(name).orElseThrow();
        boolean isDone = order.committed().filter(last -> last.step() >= step).isPresent();
        return isDone
                ? new Decision.Done(order)
                : new Decision.Append(Committed.newBuilder()
                        .setRunId(order.run().id())
                        .setStep(step)
                        .setManifestDigest(new Sha256(manifestDigest))
                        .setCommittedMillis(nowMillis)
                        .build());
    }

    /// @return why there is no run of this name that can be served
    public Optional<Refusal> missing(String name) {
        return state.obstacle(name)
                .or(() -> state.run(name).isPresent()
                        ? Optional.empty()
                        : Optional.of(Refusal.of(
                                DyadicException.Kind.NOT_FOUND,
                                "there is no run '" + name + "'; open it first (dyadic run open)")));
    }

    /// @return why a checkpoint is none of the run, which has to be there: see [RunRules#checkpoint]
    public Optional<Refusal> checkpoint(String name, long runId, long step, byte[] manifestDigest) {
        return RunRules.checkpoint(state.run(name).orElseThrow(), runId, step, manifestDigest);
    }

    /// Why no run can have this name.
    public static Optional<Decision> wrongName(String name) {
        return NAME.matcher(name).matches()
                ? Optional.empty()
                : Optional.of(refused(
                        DyadicException.Kind.INVALID,
                        "a run's name must be 1 to 128 letters, digits, '.', '_' or '-', and begin with a letter or a"
                                + " digit, but was '" + name + "'"));
    }

    private static Decision sameFork(RunOrder order, Run parent, ForkPoint fork, RunSpec spec) {
        List<String> differences = new ArrayList<>(order.run().spec().differences(spec));
        if (!order.run().parent().equals(Optional.of(fork))) {
            differences.add("it was not forked from run " + parent.name() + " at step " + fork.step() + " skipping "
                    + fork.skip());
        }
        return same(order, "run " + order.run().name() + " is there already: ", differences, ". Use another name.");
    }

    private static Decision same(RunOrder order, String what, List<String> differences, String advice) {
        return differences.isEmpty()
                ? new Decision.Done(order)
                : refused(DyadicException.Kind.MISMATCH, what + String.join("; ", differences) + advice);
    }

    private static Decision refused(DyadicException.Kind kind, String reason) {
        return new Decision.Refused(Refusal.of(kind, reason));
    }
}
