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

/// The ledger, folded: which runs there are, and their cycles. One thread applies records in the order of their
/// offsets; any
/// thread reads.
public final class LedgerState {
    private static final Outcome ACCEPTED = new Outcome.Accepted();

    private final CorpusSettings corpus;
    private final PlantedBug bug;
    private final Map<String, RunOrder> byName = new ConcurrentHashMap<>();
    private final Map<Long, RunOrder> byId = new ConcurrentSkipListMap<>();
    private volatile long endOffset;

    public LedgerState(CorpusSettings corpus) {
        this(corpus, PlantedBug.NONE);
    }

    /// @param bug for simulations only
    public LedgerState(CorpusSettings corpus, PlantedBug bug) {
        this.corpus = corpus;
        this.bug = bug;
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

    /// In the order of their ids.
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
        RunOrder order = run.parent().isPresent() && run.isKnown()
                ? fork(run, run.parent().get())
                : new RunOrder(run, bug);
        byId.put(offset, order);
        byName.put(opened.getName(), order);
        return ACCEPTED;
    }

    private RunOrder fork(Run run, Run.Parent fork) {
        RunOrder parent = byId.get(fork.runId());
        if (parent == null || !parent.run().isKnown()) {
            throw new IllegalArgumentException("there is no run with id " + fork.runId() + " to fork from");
        }
        Run from = parent.run();
        boolean sameRows = run.spec().tokensPerStep() == from.spec().tokensPerStep()
                && run.spec().buckets().equals(from.spec().buckets())
                && run.spec().split() == from.spec().split()
                && run.spec().extent().equals(from.spec().extent())
                && run.from().equals(from.from())
                && run.until().equals(from.until());
        if (!sameRows) {
            throw new IllegalArgumentException("a fork has its parent's rows, steps and extent, but they differ");
        }
        if (run.until().isPresent() && !run.spec().mixture().equals(from.spec().mixture())) {
            throw new IllegalArgumentException("a fork of a bounded run keeps its mixture");
        }
        return new RunOrder(run, Inheritance.of(parent, fork), bug);
    }

    private Outcome amend(long offset, Amended amended) {
        RunOrder order = byId.get(amended.getRunId());
        if (order == null) {
            return new Outcome.Invalid("there is no run with id " + amended.getRunId());
        }
        if (!order.run().isKnown() || !order.run().canBeAmended()) {
            return new Outcome.Ignored("run " + order.run().name() + " has order version "
                    + order.run().orderVersion() + ", which knows no amendments");
        }
        if (order.isEnded()) {
            return new Outcome.Ignored("run " + order.run().name() + " is ended");
        }
        Optional<Long> last = order.amendedAt();
        if (amended.getBasis() > offset
                || amended.getBasis() <= last.orElse(order.run().id())) {
            return new Outcome.Ignored(
                    "its basis " + amended.getBasis() + " is not between the last amendment and itself");
        }
        RunSpec spec = order.run().spec();
        Policy policy = Policy.of(amended, spec.buckets().count());
        if (spec.extent() instanceof Extent.Bounded && !policy.mixture().equals(spec.mixture())) {
            return new Outcome.Invalid("a bounded run keeps its mixture");
        }
        order.amend(offset, policy);
        return new Outcome.AmendmentTaken(order.cycleCount(), order.horizon());
    }

    private Outcome close(long offset, Closed closed) {
        RunOrder order = byId.get(closed.getRunId());
        if (order == null) {
            return new Outcome.Invalid("there is no run with id " + closed.getRunId());
        }
        if (order.isClosed()) {
            return new Outcome.Ignored("run " + order.run().name() + " is closed already");
        }
        order.close(offset);
        return ACCEPTED;
    }

    private Outcome plan(long offset, byte[] record, Manifest manifest) {
        RunOrder order = byId.get(manifest.getRunId());
        if (order == null) {
            return new Outcome.Invalid("there is no run with id " + manifest.getRunId());
        }
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
        RunOrder order = byId.get(committed.getRunId());
        if (order == null) {
            return new Outcome.Invalid("there is no run with id " + committed.getRunId());
        }
        RecordDigest digest = RecordDigest.of(committed.getManifestDigest().bytes());
        Optional<Cycle> cycle = order.cycleOf(committed.getStep());
        if (cycle.isEmpty() || !cycle.get().digest().equals(digest)) {
            return new Outcome.Invalid("step " + committed.getStep() + " is not fixed by the manifest it names");
        }
        order.commit(committed.getStep(), digest);
        return ACCEPTED;
    }
}
