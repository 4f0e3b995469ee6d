package dev.dyadic.sampler.serve;

import com.google.protobuf.ByteString;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.avro.Committed;
import dev.dyadic.proto.avro.Sha256;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.ledger.LedgerLog;
import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.Fold;
import dev.dyadic.sampler.order.Offsets;
import dev.dyadic.sampler.order.RecordDigest;
import dev.dyadic.sampler.order.Run;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.order.RunSpec;
import dev.dyadic.v1.Position;
import dev.dyadic.v1.RunDescription;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;

/// Opens, describes and commits runs. All of it goes through the ledger.
final class Runs {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._-]{1,128}");
    private static final long DECOMPOSER_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Cluster cluster;
    private final Corpus corpus;
    private final LedgerLog ledger;
    private final InstantSource clock;

    Runs(Cluster cluster, Corpus corpus, LedgerLog ledger, InstantSource clock) {
        this.cluster = cluster;
        this.corpus = corpus;
        this.ledger = ledger;
        this.clock = clock;
    }

    /// Idempotent: the same name and spec give the same run.
    RunOrder open(String name, dev.dyadic.v1.RunSpec message, long deadlineNanos) throws InterruptedException {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a run's name must be 1 to 128 letters, digits, '.', '_' or '-', but was '" + name + "'");
        }
        RunSpec spec = SpecMessages.parse(message, corpus.settings().buckets());
        Optional<RunOrder> existing = ledger.state().run(name);
        if (existing.isEmpty()) {
            append(name, spec, deadlineNanos);
            existing = ledger.state().run(name);
        }
        RunOrder order = existing.orElseThrow(
                () -> new IllegalStateException("run " + name + " was appended, but is not in the ledger"));
        requireKnown(order);
        List<String> differences = order.run().spec().differences(spec);
        if (!differences.isEmpty()) {
            throw new SamplerException(
                    SamplerException.Kind.MISMATCH,
                    "run " + name + " is there with another spec: " + String.join("; ", differences)
                            + ". Use the run's spec, or another name.");
        }
        return order;
    }

    RunOrder get(String name) {
        ledger.requireAlive();
        RunOrder order = ledger.state()
                .run(name)
                .orElseThrow(() -> new SamplerException(
                        SamplerException.Kind.NOT_FOUND,
                        "there is no run '" + name + "'; open it first (dyadic run open)"));
        requireKnown(order);
        return order;
    }

    List<RunOrder> list() {
        ledger.requireAlive();
        return List.copyOf(ledger.state().runs());
    }

    void commit(RunOrder order, Position position) throws InterruptedException {
        requireMatching(order, position);
        Fold fold = ledger.append(Committed.newBuilder()
                .setRunId(order.run().id())
                .setStep(position.getStep())
                .setManifestDigest(new Sha256(position.getManifestDigest().toByteArray()))
                .setCommittedMillis(clock.millis())
                .build());
        if (fold instanceof Fold.Invalid(String reason)) {
            throw new SamplerException(SamplerException.Kind.MISMATCH, "the commit was refused: " + reason);
        }
    }

    /// A checkpoint has to name this run, and a step that the manifest it names fixes.
    void requireMatching(RunOrder order, Position position) {
        if (position.getRunId() != order.run().id()) {
            throw new SamplerException(
                    SamplerException.Kind.MISMATCH,
                    "the checkpoint is of run id " + position.getRunId() + ", but run "
                            + order.run().name() + " has id " + order.run().id());
        }
        Cycle cycle = order.cycleOf(position.getStep())
                .orElseThrow(() -> new SamplerException(
                        SamplerException.Kind.MISMATCH,
                        "the checkpoint is after step " + position.getStep() + ", but run "
                                + order.run().name() + " has only " + order.horizon() + " steps planned"));
        String given = hex(position.getManifestDigest());
        if (!given.equals(cycle.digest().toString())) {
            throw new SamplerException(
                    SamplerException.Kind.MISMATCH,
                    "the checkpoint after step " + position.getStep() + " names manifest " + given
                            + ", but cycle " + cycle.number() + " of run "
                            + order.run().name() + " has "
                            + cycle.digest());
        }
    }

    RunDescription describe(RunOrder order) {
        Run run = order.run();
        CorpusSettings settings = corpus.settings();
        RunDescription.Builder builder = RunDescription.newBuilder()
                .setName(run.name())
                .setRunId(run.id())
                .setSpec(SpecMessages.format(run.spec()))
                .setOrderVersion(run.orderVersion())
                .setCyclesPlanned(order.cycleCount())
                .setStepsPlanned(order.horizon())
                .setFormat(SpecMessages.format(settings.tokenizer(), settings.layout()));
        order.totalSteps().ifPresent(builder::setTotalSteps);
        order.lastCycle().map(Cycle::digest).map(Runs::bytes).ifPresent(builder::setManifestDigest);
        order.committed()
                .ifPresent(committed -> builder.setCommitted(Position.newBuilder()
                        .setRunId(run.id())
                        .setStep(committed.step())
                        .setManifestDigest(bytes(committed.manifestDigest()))));
        return builder.build();
    }

    private void append(String name, RunSpec spec, long deadlineNanos) throws InterruptedException {
        try (LogOffsets log = new LogOffsets(cluster, corpus)) {
            Optional<Offsets> until = Optional.empty();
            Offsets from = log.start(spec);
            if (spec.extent() instanceof Extent.Bounded) {
                awaitDecomposer(log, deadlineNanos);
                until = Optional.of(log.ends(spec.buckets()));
                if (from.equals(until.get())) {
                    throw new SamplerException(
                            SamplerException.Kind.MISMATCH,
                            "run " + name + " is not opened: a bounded run has what is there, and nothing is there yet;"
                                    + " ingest documents first");
                }
                if (from.isAfter(until.get())) {
                    throw new IllegalArgumentException(
                            "the bounded run has no rows: it starts after the end of what is there");
                }
            }
            ledger.append(Run.record(name, spec, from, until, clock.millis()));
        }
    }

    /// A bounded run has every document that was there when it was opened.
    private static void awaitDecomposer(LogOffsets log, long deadlineNanos) throws InterruptedException {
        Map<TopicPartition, Long> ends = log.documentEnds();
        for (long behind = log.undecomposed(ends); behind > 0; behind = log.undecomposed(ends)) {
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new SamplerException(
                        SamplerException.Kind.NOT_READY,
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
            throw new SamplerException(
                    SamplerException.Kind.MISMATCH,
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
