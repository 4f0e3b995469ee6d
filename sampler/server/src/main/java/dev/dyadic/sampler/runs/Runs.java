package dev.dyadic.sampler.runs;

import dev.dyadic.v1.SamplerProto;
import com.google.protobuf.ByteString;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.avro.Amended;
import dev.dyadic.proto.avro.Closed;
import dev.dyadic.proto.avro.Committed;
import dev.dyadic.proto.avro.Sha256;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.ledger.LedgerLog;
import dev.dyadic.sampler.messages.SpecMessages;
import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.Outcome;
import dev.dyadic.sampler.order.Window;
import dev.dyadic.sampler.order.Policy;
import dev.dyadic.sampler.order.PoolAccount;
import dev.dyadic.sampler.order.RecordDigest;
import dev.dyadic.sampler.order.Run;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.order.RunSpec;
import dev.dyadic.v1.SamplerProto.AmendRunRequest;
import dev.dyadic.v1.SamplerProto.AmendRunResponse;
import dev.dyadic.v1.SamplerProto.Fork;
import dev.dyadic.v1.SamplerProto.ForkRunRequest;
import dev.dyadic.v1.SamplerProto.Position;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.RunPool;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;

/// Opens, describes and commits runs. All of it goes through the ledger.
public final class Runs {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._-]{1,128}");
    private static final long DECOMPOSER_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Cluster cluster;
    private final Corpus corpus;
    private final LedgerLog ledger;
    private final InstantSource clock;

    public Runs(Cluster cluster, Corpus corpus, LedgerLog ledger, InstantSource clock) {
        this.cluster = cluster;
        this.corpus = corpus;
        this.ledger = ledger;
        this.clock = clock;
    }

    /// Idempotent: the same name and spec give the same run.
    public RunOrder open(String name, SamplerProto.RunSpec message, long deadlineNanos) throws InterruptedException {
        requireName(name);
        RunSpec spec = SpecMessages.parse(message, corpus.settings().buckets());
        Optional<RunOrder> existing = ledger.state().run(name);
        if (existing.isEmpty()) {
            append(name, spec, deadlineNanos);
            existing = ledger.state().run(name);
        }
        RunOrder order = existing.orElseThrow(
                () -> new IllegalStateException("run " + name + " was appended, but is not in the ledger"));
        requireKnown(order);
        List<String> differences = new ArrayList<>(order.run().spec().differences(spec));
        order.run().parent().ifPresent(_ -> differences.add("it is a fork"));
        if (!differences.isEmpty()) {
            throw new DyadicException(
                    DyadicException.Kind.MISMATCH,
                    "run " + name + " is there with another spec: " + String.join("; ", differences)
                            + ". Use the run's spec, or another name.");
        }
        return order;
    }

    public RunOrder get(String name) {
        ledger.requireAlive();
        RunOrder order = ledger.state()
                .run(name)
                .orElseThrow(() -> new DyadicException(
                        DyadicException.Kind.NOT_FOUND,
                        "there is no run '" + name + "'; open it first (dyadic run open)"));
        requireKnown(order);
        return order;
    }

    public List<RunOrder> list() {
        ledger.requireAlive();
        return List.copyOf(ledger.state().runs());
    }

    /// Idempotent: the same name, parent, step and changes give the same run.
    public RunOrder fork(ForkRunRequest request) throws InterruptedException {
        requireName(request.getName());
        RunOrder parent = get(request.getParent());
        Run from = parent.run();
        Policy policy = SpecMessages.change(
                parent.policy(),
                from.spec().buckets(),
                request.getCurriculum(),
                request.getOddsList(),
                request.getWeighting(),
                request.hasMixture() ? Optional.of(request.getMixture()) : Optional.empty());
        if (from.until().isPresent() && !policy.mixture().equals(from.spec().mixture())) {
            throw new InvalidException(
                    "the decks of a bounded run are made when it opens, so a fork keeps its mixture: open another run");
        }
        RunSpec spec = from.spec()
                .with(request.hasSeed() ? request.getSeed() : from.spec().seed(), policy);
        Run.Parent fork = new Run.Parent(from.id(), request.getStep(), request.getSkip());
        if (fork.skip() > parent.horizon() - fork.step()) {
            throw new DyadicException(
                    DyadicException.Kind.OUT_OF_RANGE,
                    "run " + from.name() + " has " + parent.horizon() + " steps planned, but the fork begins at step "
                            + fork.step() + " and skips " + fork.skip());
        }
        if (ledger.state().run(request.getName()).isEmpty()) {
            requireAccepted(ledger.append(
                    Run.record(request.getName(), spec, from.from(), from.until(), Optional.of(fork), clock.millis())));
        }
        RunOrder order = get(request.getName());
        List<String> differences = new ArrayList<>(order.run().spec().differences(spec));
        if (!order.run().parent().equals(Optional.of(fork))) {
            differences.add("it was not forked from run " + from.name() + " at step " + fork.step() + " skipping "
                    + fork.skip());
        }
        if (!differences.isEmpty()) {
            throw new DyadicException(
                    DyadicException.Kind.MISMATCH,
                    "run " + request.getName() + " is there already: " + String.join("; ", differences)
                            + ". Use another name.");
        }
        return order;
    }

    /// @return the first cycle that is planned anew
    public AmendRunResponse amend(AmendRunRequest request) throws InterruptedException {
        RunOrder order = get(request.getRun());
        Run run = order.run();
        // Before the policy: an amendment that comes between makes this one void, and not itself.
        long basis = ledger.state().endOffset();
        Policy before = order.policy();
        Policy policy = SpecMessages.change(
                before,
                run.spec().buckets(),
                request.getCurriculum(),
                request.getOddsList(),
                request.getWeighting(),
                request.hasMixture() ? Optional.of(request.getMixture()) : Optional.empty());
        if (run.until().isPresent() && !policy.mixture().equals(before.mixture())) {
            throw new InvalidException(
                    "the decks of a bounded run are made when it opens, so its mixture stays: open another run");
        }
        requireOpen(order);
        Outcome fold = ledger.append(Amended.newBuilder()
                .setRunId(run.id())
                .setBasis(basis)
                .setCurriculum(policy.curriculum().name())
                .setOdds(policy.curriculum().oddsTexts())
                .setWeighting(policy.weighting().text())
                .setMixture(policy.mixture().toRecord())
                .setAmendedMillis(clock.millis())
                .build());
        return switch (fold) {
            case Outcome.AmendmentTaken(long cycle, long firstStep) ->
                AmendRunResponse.newBuilder()
                        .setCycle(cycle)
                        .setFirstStep(firstStep)
                        .setRun(describe(order))
                        .build();
            default -> {
                requireAccepted(fold);
                throw new IllegalStateException("an amendment was folded as something else");
            }
        };
    }

    public RunOrder close(String name) throws InterruptedException {
        RunOrder order = get(name);
        if (!order.isClosed()) {
            ledger.append(new Closed(order.run().id(), clock.millis()));
        }
        return order;
    }

    private static void requireOpen(RunOrder order) {
        if (order.isEnded()) {
            throw new DyadicException(
                    DyadicException.Kind.MISMATCH,
                    "run " + order.run().name() + (order.isClosed() ? " is closed" : " is planned to its end")
                            + ": there is nothing left to amend; fork it");
        }
        if (!order.run().canBeAmended()) {
            throw new DyadicException(
                    DyadicException.Kind.MISMATCH,
                    "run " + order.run().name() + " has order version "
                            + order.run().orderVersion() + ", which knows no amendments: fork it");
        }
    }

    private static void requireAccepted(Outcome fold) {
        switch (fold) {
            case Outcome.Accepted() -> {}
            case Outcome.AmendmentTaken _ -> {}
            case Outcome.Ignored(String reason) ->
                throw new DyadicException(
                        DyadicException.Kind.NOT_READY, "another call was first: " + reason + "; try again");
            case Outcome.Invalid(String reason) ->
                throw new DyadicException(DyadicException.Kind.INVALID, "the ledger refuses it: " + reason);
        }
    }

    private static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new InvalidException(
                    "a run's name must be 1 to 128 letters, digits, '.', '_' or '-', but was '" + name + "'");
        }
    }

    public void commit(RunOrder order, Position position) throws InterruptedException {
        requireMatching(order, position);
        Outcome fold = ledger.append(Committed.newBuilder()
                .setRunId(order.run().id())
                .setStep(position.getStep())
                .setManifestDigest(new Sha256(position.getManifestDigest().toByteArray()))
                .setCommittedMillis(clock.millis())
                .build());
        if (fold instanceof Outcome.Invalid(String reason)) {
            throw new DyadicException(DyadicException.Kind.MISMATCH, "the commit was refused: " + reason);
        }
    }

    /// A checkpoint has to name this run, and a step that the manifest it names fixes.
    public void requireMatching(RunOrder order, Position position) {
        Cycle cycle = order.cycleOf(position.getStep())
                .orElseThrow(() -> new DyadicException(
                        DyadicException.Kind.MISMATCH,
                        "the checkpoint is after step " + position.getStep() + ", but run "
                                + order.run().name() + " has only " + order.horizon() + " steps planned"));
        // A fork takes the checkpoints of the steps that it inherits.
        if (position.getRunId() != order.run().id()
                && position.getRunId() != cycle.run().id()) {
            throw new DyadicException(
                    DyadicException.Kind.MISMATCH,
                    "the checkpoint is of run id " + position.getRunId() + ", but run "
                            + order.run().name() + " has id " + order.run().id());
        }
        String given = hex(position.getManifestDigest());
        if (!given.equals(cycle.digest().toString())) {
            throw new DyadicException(
                    DyadicException.Kind.MISMATCH,
                    "the checkpoint after step " + position.getStep() + " names manifest " + given
                            + ", but cycle " + cycle.number() + " of run "
                            + order.run().name() + " has "
                            + cycle.digest());
        }
    }

    public RunDescription describe(RunOrder order) {
        Run run = order.run();
        CorpusSettings settings = corpus.settings();
        RunDescription.Builder builder = RunDescription.newBuilder()
                .setName(run.name())
                .setRunId(run.id())
                .setSpec(SpecMessages.format(run.spec()))
                .setOrderVersion(run.orderVersion())
                .setCyclesPlanned(order.cycleCount())
                .setStepsPlanned(order.horizon())
                .setFormat(SpecMessages.format(settings.tokenizer(), settings.layout()))
                .setClosed(order.isClosed())
                .setInForce(SpecMessages.format(run.spec().with(run.spec().seed(), order.policy())));
        run.parent()
                .ifPresent(fork -> builder.setFork(Fork.newBuilder()
                        .setParent(nameOf(fork.runId()))
                        .setStep(fork.step())
                        .setSkip(fork.skip())));
        for (RunOrder other : ledger.state().runs()) {
            other.run()
                    .parent()
                    .filter(fork -> fork.runId() == run.id())
                    .ifPresent(_ -> builder.addForks(other.run().name()));
        }
        order.totalSteps().ifPresent(builder::setTotalSteps);
        order.lastCycle().map(Cycle::digest).map(Runs::bytes).ifPresent(builder::setManifestDigest);
        order.committed()
                .ifPresent(committed -> builder.setCommitted(Position.newBuilder()
                        .setRunId(run.id())
                        .setStep(committed.step())
                        .setManifestDigest(bytes(committed.manifestDigest()))));
        return builder.build();
    }

    /// With its pools.
    public RunDescription describeFully(RunOrder order) {
        RunDescription.Builder builder = describe(order).toBuilder();
        for (PoolAccount account : order.accounts()) {
            builder.addPools(RunPool.newBuilder()
                    .setLength(account.pool().bucket().length())
                    .setSource(account.pool().source())
                    .setAdmitted(account.admitted())
                    .setDealt(account.dealt())
                    .setPending(account.pending())
                    .setShed(account.shed()));
        }
        return builder.build();
    }

    private String nameOf(long runId) {
        return ledger.state().run(runId).map(order -> order.run().name()).orElse("");
    }

    private void append(String name, RunSpec spec, long deadlineNanos) throws InterruptedException {
        try (LogOffsets log = new LogOffsets(cluster, corpus)) {
            Optional<Window> until = Optional.empty();
            Window from = log.start(spec);
            if (spec.extent() instanceof Extent.Bounded) {
                awaitDecomposer(log, deadlineNanos);
                until = Optional.of(log.ends(spec.buckets()));
                if (from.equals(until.get())) {
                    throw new DyadicException(
                            DyadicException.Kind.MISMATCH,
                            "run " + name + " is not opened: a bounded run has what is there, and nothing is there yet;"
                                    + " ingest documents first");
                }
                if (from.isAfter(until.get())) {
                    throw new InvalidException("the bounded run has no rows: it starts after the end of what is there");
                }
            }
            ledger.append(Run.record(name, spec, from, until, Optional.empty(), clock.millis()));
        }
    }

    /// A bounded run has every document that was there when it was opened.
    private static void awaitDecomposer(LogOffsets log, long deadlineNanos) throws InterruptedException {
        Map<TopicPartition, Long> ends = log.documentEnds();
        for (long behind = log.undecomposed(ends); behind > 0; behind = log.undecomposed(ends)) {
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new DyadicException(
                        DyadicException.Kind.NOT_READY,
                        "the run is not opened yet: the decomposer is " + behind
                                + " documents behind; if it is not running, start it with 'dyadic decompose'");
            }
            LockSupport.parkNanos(DECOMPOSER_POLL_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while waiting for the decomposer");
            }
        }
    }

    private static void requireKnown(RunOrder order) {
        if (!order.run().isKnown()) {
            throw new DyadicException(
                    DyadicException.Kind.MISMATCH,
                    "run " + order.run().name() + " has order version "
                            + order.run().orderVersion() + ", but this sampler knows only " + Run.ORDER_VERSION
                            + ": upgrade it");
        }
    }

    private static ByteString bytes(RecordDigest digest) {
        return ByteString.copyFrom(digest.toArray());
    }

    private static String hex(ByteString bytes) {
        return java.util.HexFormat.of().formatHex(bytes.toByteArray());
    }
}
