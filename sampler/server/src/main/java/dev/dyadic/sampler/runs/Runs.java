package dev.dyadic.sampler.runs;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.ledger.LedgerLog;
import dev.dyadic.sampler.messages.SpecMessages;
import dev.dyadic.sampler.order.Decision;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.Outcome;
import dev.dyadic.sampler.order.Refusal;
import dev.dyadic.sampler.order.RunDecisions;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.order.RunSpec;
import dev.dyadic.sampler.order.Window;
import dev.dyadic.v1.SamplerProto;
import dev.dyadic.v1.SamplerProto.AmendRunRequest;
import dev.dyadic.v1.SamplerProto.ForkRunRequest;
import dev.dyadic.v1.SamplerProto.Position;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.TopicPartition;

/// Carries requests on runs through the ledger: what [RunDecisions] decides is appended, read back, and looked at
/// again. Safe for use by many threads.
public final class Runs {
    private static final long DECOMPOSER_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Cluster cluster;
    private final Corpus corpus;
    private final LedgerLog ledger;
    private final RunDecisions decisions;
    private final InstantSource clock;

    public Runs(Cluster cluster, Corpus corpus, LedgerLog ledger, InstantSource clock) {
        this.cluster = cluster;
        this.corpus = corpus;
        this.ledger = ledger;
        this.decisions = new RunDecisions(ledger.state());
        this.clock = clock;
    }

    /// A run that can be served.
    public RunOrder get(String name) {
        ledger.requireAlive();
        require(decisions.missing(name));
        return ledger.state().run(name).orElseThrow();
    }

    public List<RunOrder> list() {
        ledger.requireAlive();
        return List.copyOf(ledger.state().runs());
    }

    public RunOrder open(String name, SamplerProto.RunSpec message, long deadlineNanos) throws InterruptedException {
        RunSpec spec = SpecMessages.parse(message, corpus.settings().buckets());
        Optional<Decision> decided = decisions.opened(name, spec).or(() -> RunDecisions.wrongName(name));
        if (decided.isPresent()) {
            return done(decided.get(), () -> decided.get(), deadlineNanos);
        }
        RunDecisions.Rows rows = rows(spec, deadlineNanos);
        long now = clock.millis();
        return done(decisions.open(name, spec, rows, now), () -> decisions.open(name, spec, rows, now), deadlineNanos);
    }

    public RunOrder fork(ForkRunRequest request, long deadlineNanos) throws InterruptedException {
        get(request.getParent());
        Supplier<Decision> decide = () -> decisions.fork(
                request.getName(),
                request.getParent(),
                request.getStep(),
                request.getSkip(),
                request.hasSeed() ? Optional.of(request.getSeed()) : Optional.empty(),
                SpecMessages.change(request),
                clock.millis());
        return done(decide.get(), decide, deadlineNanos);
    }

    /// @return the first cycle that is planned anew
    public Outcome.AmendmentTaken amend(AmendRunRequest request, long deadlineNanos) throws InterruptedException {
        get(request.getRun());
        Supplier<Decision> decide =
                () -> decisions.amend(request.getRun(), SpecMessages.change(request), clock.millis());
        Outcome outcome = ledger.append(recordOf(decide.get()), deadlineNanos);
        if (outcome instanceof Outcome.AmendmentTaken taken) {
            return taken;
        }
        // Another replica was first, and perhaps nothing can be amended any more: then that is the answer.
        SpecificRecordBase _ = recordOf(decide.get());
        requireCounted(outcome);
        throw new IllegalStateException("an amendment was folded as something else");
    }

    private static SpecificRecordBase recordOf(Decision decision) {
        return switch (decision) {
            case Decision.Append(var record) -> record;
            case Decision.Refused(Refusal refusal) -> throw refusal.toException();
            case Decision.Done _ -> throw new IllegalStateException("this is never there already");
        };
    }

    public RunOrder close(String name, long deadlineNanos) throws InterruptedException {
        Supplier<Decision> decide = () -> decisions.close(name, clock.millis());
        ledger.requireAlive();
        return done(decide.get(), decide, deadlineNanos);
    }

    public void commit(RunOrder order, Position position, long deadlineNanos) throws InterruptedException {
        Decision decision = decisions.commit(
                order.run().name(), position.getRunId(), position.getStep(), digest(position), clock.millis());
        switch (decision) {
            case Decision.Refused(Refusal refusal) -> throw refusal.toException();
            case Decision.Done _ -> {}
            case Decision.Append(var record) -> {
                if (ledger.append(record, deadlineNanos) instanceof Outcome.Invalid(String reason)) {
                    throw new DyadicException(DyadicException.Kind.MISMATCH, "the commit was refused: " + reason);
                }
            }
        }
    }

    /// A checkpoint that a client resumes has to be one of the run.
    public void requireMatching(RunOrder order, Position position) {
        require(decisions.checkpoint(order.run().name(), position.getRunId(), position.getStep(), digest(position)));
    }

    /// Appends what was decided. Another replica may have appended first: so the same is decided once more, from what
    /// was read back.
    private RunOrder done(Decision decision, Supplier<Decision> decideAgain, long deadlineNanos)
            throws InterruptedException {
        return switch (decision) {
            case Decision.Done(RunOrder order) -> order;
            case Decision.Refused(Refusal refusal) -> throw refusal.toException();
            case Decision.Append(var record) -> {
                Outcome outcome = ledger.append(record, deadlineNanos);
                yield switch (decideAgain.get()) {
                    case Decision.Done(RunOrder order) -> order;
                    case Decision.Refused(Refusal refusal) -> throw refusal.toException();
                    case Decision.Append _ -> {
                        requireCounted(outcome);
                        throw new IllegalStateException("a record was taken, and changed nothing: " + outcome);
                    }
                };
            }
        };
    }

    private static void require(Optional<Refusal> refusal) {
        if (refusal.isPresent()) {
            throw refusal.get().toException();
        }
    }

    private static void requireCounted(Outcome outcome) {
        switch (outcome) {
            case Outcome.Accepted() -> {}
            case Outcome.AmendmentTaken _ -> {}
            case Outcome.Ignored(String reason) ->
                throw new DyadicException(
                        DyadicException.Kind.NOT_READY, "another call was first: " + reason + "; try again");
            case Outcome.Unknown(String needs) ->
                throw new IllegalStateException("its own record is unknown: " + needs);
            case Outcome.Invalid(String reason) ->
                throw new DyadicException(DyadicException.Kind.INVALID, "the ledger refuses it: " + reason);
        }
    }

    private static byte[] digest(Position position) {
        return position.getManifestDigest().toByteArray();
    }

    private RunDecisions.Rows rows(RunSpec spec, long deadlineNanos) throws InterruptedException {
        try (LogOffsets log = new LogOffsets(cluster, corpus)) {
            Window from = log.start(spec, deadlineNanos);
            if (spec.extent() instanceof Extent.Live) {
                return new RunDecisions.Rows(from, Optional.empty());
            }
            awaitDecomposer(log, deadlineNanos);
            return new RunDecisions.Rows(from, Optional.of(log.ends(spec.buckets(), deadlineNanos)));
        }
    }

    /// A bounded run has every document that was there when it was opened.
    private static void awaitDecomposer(LogOffsets log, long deadlineNanos) throws InterruptedException {
        Map<TopicPartition, Long> ends = log.documentEnds();
        for (long behind = log.undecomposed(ends); behind > 0; behind = log.undecomposed(ends)) {
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new DyadicException(
                        DyadicException.Kind.NOT_READY,
                        "the run is not opened yet: the decomposer is up to " + behind
                                + " documents behind; if it is not running, start it with 'dyadic decompose'");
            }
            LockSupport.parkNanos(DECOMPOSER_POLL_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while waiting for the decomposer");
            }
        }
    }
}
