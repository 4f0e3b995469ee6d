package dev.dyadic.sampler.order;

import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.LedgerHeaders;
import dev.dyadic.proto.UnknownRecordException;
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
import org.apache.avro.specific.SpecificRecordBase;

/// The ledger, folded: which runs there are, and their cycles. One thread applies records in the order of their
/// offsets; any thread reads.
public final class LedgerState {
    private static final Outcome ACCEPTED = new Outcome.Accepted();

    private final CorpusSettings corpus;
    private final OrderParts parts;
    private final UnknownRecords unknown = new UnknownRecords();
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

    /// Why this program neither plans nor serves the run of this name, whether it is there or not.
    public Optional<Refusal> obstacle(String name) {
        RunOrder order = byName.get(name);
        return (order == null ? unknown.of(name) : stopped(order))
                .map(reason -> RunRules.needsUpgrade("run " + name, reason))
                .or(() -> order == null ? Optional.empty() : RunRules.known(order.run()));
    }

    /// Why this program neither plans nor serves any run.
    public Optional<String> obstacleOfAll() {
        return unknown.ofAll()
                .map(reason -> RunRules.needsUpgrade("every run", reason).reason());
    }

    /// What a record has to say in its headers; the run that it is about has to be there.
    public LedgerHeaders headers(SpecificRecordBase record) {
        return switch (record) {
            case RunOpened opened -> LedgerHeaders.ofNewRun(opened.getName(), opened.getOrderVersion());
            case Manifest manifest -> headersOfRun(manifest.getRunId());
            case Committed committed -> headersOfRun(committed.getRunId());
            case Amended amended -> headersOfRun(amended.getRunId());
            case Closed closed -> headersOfRun(closed.getRunId());
            default -> throw new IllegalArgumentException(record.getSchema().getName() + " is no record about a run");
        };
    }

    private LedgerHeaders headersOfRun(long id) {
        RunOrder order = byId.get(id);
        if (order == null) {
            throw new IllegalArgumentException("there is no run with id " + id);
        }
        return LedgerHeaders.ofRun(id, order.run().orderVersion());
    }

    private Optional<String> stopped(RunOrder order) {
        return unknown.of(order.run().id()).or(() -> unknown.of(order.run().name()));
    }

    /// Folds one record that has no headers.
    public Outcome apply(long offset, byte[] record) {
        return apply(offset, record, LedgerHeaders.NONE);
    }

    /// Folds one record.
    public Outcome apply(long offset, byte[] record, LedgerHeaders headers) {
        if (offset < endOffset) {
            throw new IllegalStateException("ledger offset " + offset + " comes after " + (endOffset - 1));
        }
        Outcome fold = fold(offset, record, headers);
        endOffset = offset + 1;
        return fold;
    }

    private Outcome fold(long offset, byte[] record, LedgerHeaders headers) {
        if (!headers.isServedBy(Run.ORDER_VERSION)) {
            return unknown(
                    offset,
                    headers,
                    "it needs order version " + headers.orderVersion().orElseThrow()
                            + ", and this program knows those up to " + Run.ORDER_VERSION);
        }
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
        } catch (UnknownRecordException e) {
            return unknown(offset, headers, String.valueOf(e.getMessage()));
        } catch (UnreadableRecordException | RuntimeException e) {
            // Whatever a record holds, it must not end the reading of those after it.
            return new Outcome.Invalid(String.valueOf(e.getMessage()));
        }
    }

    private Outcome unknown(long offset, LedgerHeaders headers, String what) {
        unknown.add(offset, headers, what);
        return new Outcome.Unknown(what);
    }

    private Outcome open(long offset, byte[] record, RunOpened opened) {
        Optional<String> stopped = unknown.of(opened.getName());
        if (stopped.isPresent()) {
            return new Outcome.Ignored(stopped.get());
        }
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
        Optional<String> unknownParent = unknown.of(fork.runId());
        if (unknownParent.isPresent()) {
            return unknown(
                    offset,
                    LedgerHeaders.ofNewRun(run.name(), run.orderVersion()),
                    "its run is a fork of run id " + fork.runId() + "; " + unknownParent.get());
        }
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
        Optional<String> stopped = order == null ? unknown.of(id) : stopped(order);
        if (stopped.isPresent()) {
            return new Outcome.Ignored(stopped.get());
        }
        return order == null ? new Outcome.Invalid("there is no run with id " + id) : apply.apply(order);
    }
}
