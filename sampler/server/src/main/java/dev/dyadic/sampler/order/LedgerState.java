package dev.dyadic.sampler.order;

import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.avro.Amended;
import dev.dyadic.proto.avro.Closed;
import dev.dyadic.proto.avro.Committed;
import dev.dyadic.proto.avro.Identity;
import dev.dyadic.proto.avro.Manifest;
import dev.dyadic.proto.avro.RunOpened;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;

/// The ledger, folded: which runs there are, and their cycles. One thread applies records in the order of their
/// offsets; any thread reads.
public final class LedgerState {
    private static final Outcome ACCEPTED = new Outcome.Accepted();

    private final CorpusSettings corpus;
    private final OrderParts parts;
    private final Map<String, RunOrder> byName = new ConcurrentHashMap<>();
    private final Map<Long, RunOrder> byId = new ConcurrentSkipListMap<>();
    private volatile long endOffset;

    public LedgerState(CorpusSettings corpus) {
        this(corpus, OrderParts.REAL);
    }

    /// @param parts for simulations
    public LedgerState(CorpusSettings corpus, OrderParts parts) {
        this.corpus = corpus;
        this.parts = parts;
    }

    /// Offset after the last record that was applied.
    public long endOffset() {
        return endOffset;
    }

    public Optional<RunOrder> run(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    public Optional<RunOrder> run(long id) {
        return Optional.ofNullable(byId.get(id));
    }

    /// All runs, in the order of their ids.
    public Collection<RunOrder> runs() {
        return byId.values();
    }

    /// Folds one record.
    public Outcome apply(long offset, byte[] record) {
        if (offset < endOffset) {
            throw new IllegalStateException("ledger offset " + offset + " comes after " + (endOffset - 1));
        }
        Outcome fold = fold(offset, record);
        endOffset = offset + 1;
        return fold;
    }

    private Outcome fold(long offset, byte[] record) {
        try {
            return switch (LedgerCodec.decode(record)) {
                case RunOpened opened -> open(offset, record, opened);
                case Manifest manifest -> plan(offset, record, manifest);
                case Committed committed -> commit(committed);
                case Amended amended -> amend(offset, amended);
                case Closed closed -> close(offset, closed);
                case Identity _ -> new Outcome.Ignored("identity records are read when the corpus is opened");
                default -> new Outcome.Ignored("it has no part in the order");
            };
        } catch (UnreadableRecordException | RuntimeException e) {
            // Whatever a record holds, it must not end the reading of those after it.
            return new Outcome.Invalid(String.valueOf(e.getMessage()));
        }
    }

    private Outcome open(long offset, byte[] record, RunOpened opened) {
        RunOrder existing = byName.get(opened.getName());
        if (existing != null) {
            return new Outcome.Ignored("run " + opened.getName() + " is there since offset "
                    + existing.run().id());
        }
        Run run = Run.of(offset, record, opened, corpus);
        if (run.parent().isEmpty() || !run.isKnown()) {
            return add(new RunOrder(run, Optional.empty(), parts));
        }
        ForkPoint fork = run.parent().get();
        RunOrder parent = byId.get(fork.runId());
        if (parent == null || !parent.run().isKnown()) {
            return new Outcome.Invalid("there is no run with id " + fork.runId() + " to fork from");
        }
        return RunRules.fork(parent, fork, run.spec(), run.from(), run.until())
                .map(Refusal::outcome)
                .orElseGet(() -> add(new RunOrder(run, Optional.of(Inheritance.of(parent, fork)), parts)));
    }

    private Outcome add(RunOrder order) {
        byId.put(order.run().id(), order);
        byName.put(order.run().name(), order);
        return ACCEPTED;
    }

    private Outcome amend(long offset, Amended amended) {
        return onRun(
                amended.getRunId(),
                order -> RunRules.amend(order)
                        .or(() -> RunRules.basisOfAmendment(order, amended.getBasis(), offset))
                        .map(Refusal::outcome)
                        .orElseGet(() -> {
                            Run run = order.run();
                            Policy policy =
                                    Policy.of(amended, run.spec().buckets().count());
                            return RunRules.keepsMixture(run, policy.mixture(), "it")
                                    .map(Refusal::outcome)
                                    .orElseGet(() -> {
                                        order.amend(offset, policy);
                                        return new Outcome.AmendmentTaken(order.cycleCount(), order.horizon());
                                    });
                        }));
    }

    private Outcome close(long offset, Closed closed) {
        return onRun(
                closed.getRunId(),
                order -> RunRules.close(order).map(Refusal::outcome).orElseGet(() -> {
                    order.close(offset);
                    return ACCEPTED;
                }));
    }

    private Outcome plan(long offset, byte[] record, Manifest manifest) {
        return onRun(manifest.getRunId(), order -> plan(order, offset, record, manifest));
    }

    private static Outcome plan(RunOrder order, long offset, byte[] record, Manifest manifest) {
        if (!order.run().isKnown()) {
            return new Outcome.Ignored("run " + order.run().name() + " has the unknown order version "
                    + order.run().orderVersion());
        }
        Cycle cycle = Cycle.of(offset, record, manifest, order.run(), order.policy(), order.lastCycle());
        Optional<String> stale = ManifestRules.stale(order, manifest, cycle);
        if (stale.isPresent()) {
            return new Outcome.Ignored(stale.get());
        }
        Optional<String> problem = ManifestRules.problem(order, offset, manifest, cycle);
        if (problem.isPresent()) {
            return new Outcome.Invalid(problem.get());
        }
        order.add(cycle);
        return ACCEPTED;
    }

    private Outcome commit(Committed committed) {
        byte[] digest = committed.getManifestDigest().bytes();
        return onRun(
                committed.getRunId(),
                order -> RunRules.checkpoint(order, committed.getRunId(), committed.getStep(), digest)
                        .map(Refusal::outcome)
                        .orElseGet(() -> {
                            order.commit(committed.getStep(), RecordDigest.of(digest));
                            return ACCEPTED;
                        }));
    }

    private Outcome onRun(long id, Function<RunOrder, Outcome> apply) {
        RunOrder order = byId.get(id);
        return order == null ? new Outcome.Invalid("there is no run with id " + id) : apply.apply(order);
    }
}
