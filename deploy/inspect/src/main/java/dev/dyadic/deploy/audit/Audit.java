package dev.dyadic.deploy.audit;

import dev.dyadic.deploy.history.History;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.history.LimitedHistory;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.LedgerState;
import dev.dyadic.sampler.order.Outcome;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.order.Window;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.ToIntFunction;

/// Recomputes Laws 1 to 6 for a run, from the topics and the ledger alone. Its memory does not grow with documents or
/// rows: what is needed of each row is kept on disk.
public final class Audit {
    private final History history;
    private final Settings settings;
    private final Findings findings = new Findings();

    /// @param spill directory for what would not fit into memory; deleted at the end
    /// @param firstCycle the first that is looked at
    /// @param progress told how many steps were looked at
    public record Settings(Path spill, int firstCycle, KafkaHistory.Progress progress) {
        /// Everything, with the system's directory for temporary files.
        public static final Settings WHOLE =
                new Settings(Path.of(System.getProperty("java.io.tmpdir")), 0, KafkaHistory.Progress.NONE);
    }

    private Audit(History history, Settings settings) {
        this.history = history;
        this.settings = settings;
    }

    /// Where a step's digest can be compared with what somebody served.
    @FunctionalInterface
    public interface Served {
        /// @return the digest that was served, or empty where it is not to be compared
        Optional<Long> digest(long step);

        static Served nothing() {
            return _ -> Optional.empty();
        }
    }

    /// @throws ClusterException if the ledger has no such run
    public static AuditReport of(History history, String run, Served served) {
        return of(history, run, served, Settings.WHOLE);
    }

    /// @throws ClusterException if the ledger has no such run
    public static AuditReport of(History history, String run, Served served, Settings settings) {
        return new Audit(history, settings).audit(run, served);
    }

    /// The same, of what came since a cycle: of the rows that were admitted after the cycle before it, the documents
    /// that they come from, and the steps from that cycle on.
    ///
    /// @param since number of the first cycle to look at
    public static AuditReport since(
            History history, String run, ToIntFunction<RunOrder> since, Served served, Settings settings) {
        RunOrder order = new Audit(history, settings).order(run);
        if (order.run().spec().extent() instanceof Extent.Bounded) {
            throw new InvalidException(
                    "run " + run + " is bounded: its cycles deal rows of one window, so nothing of it"
                            + " can be left out; audit it whole");
        }
        int first = since.applyAsInt(order);
        if (first < 0 || first >= order.cycleCount()) {
            throw new InvalidException("run " + run + " has cycles 0 to " + (order.cycleCount() - 1) + ", but cycle "
                    + first + " was named");
        }
        Settings limited = new Settings(settings.spill(), first, settings.progress());
        if (first == 0) {
            return of(history, run, served, limited);
        }
        Window before = order.cycle(first - 1).window();
        Buckets buckets = order.run().spec().buckets();
        History newest = new LimitedHistory(
                history, (bucket, partition) -> buckets.contains(bucket) ? before.get(bucket, partition) : 0);
        return of(newest, run, served, limited);
    }

    private RunOrder order(String name) {
        LedgerState ledger = readLedger();
        ledger.obstacle(name).ifPresent(refusal -> {
            throw refusal.toException();
        });
        return ledger.run(name)
                .orElseThrow(() -> new ClusterException("there is no run '" + name + "' in "
                        + history.topics().ledger() + "; 'dyadic run list' shows those there are"));
    }

    private AuditReport audit(String name, Served served) {
        RunOrder order = order(name);
        long[] compared = {0};
        try (Spill rows = new Spill(settings.spill());
                Spill ids = new Spill(settings.spill())) {
            RowLog log = new DocumentAudit(history, findings, rows, ids).audit();
            new RunAudit(history, order, settings.firstCycle(), log, findings, (step, bucket, digest) -> {
                        Optional<Long> other = served.digest(step);
                        if (other.isPresent()) {
                            compared[0]++;
                            if (other.get() != digest) {
                                findings.breach(
                                        Law.PURE_BATCHES,
                                        "step " + step + " of length " + bucket.length()
                                                + " was served with digest " + Long.toHexString(other.get())
                                                + ", but the log gives " + Long.toHexString(digest));
                            }
                        }
                    })
                    .audit(settings.progress());
        }
        if (compared[0] > 0) {
            findings.summary(Law.PURE_BATCHES, compared[0] + " steps were served with the log's digests");
        }
        return findings.report(name);
    }

    /// The ledger has no transactions and is never compacted, so its offsets follow each other.
    private LedgerState readLedger() {
        LedgerState state = new LedgerState(history.settings());
        String topic = history.topics().ledger();
        history.read(topic, 0, (offset, _, value) -> {
            if (offset != state.endOffset()) {
                findings.breach(
                        Law.PURE_BATCHES,
                        DocumentAudit.at(topic, 0, offset) + ": expected offset " + state.endOffset()
                                + ": a ledger record is lost");
            }
            Outcome fold = state.apply(offset, value.bytes(), value.headers());
            if (fold instanceof Outcome.Invalid(String reason)) {
                findings.breach(Law.PURE_BATCHES, DocumentAudit.at(topic, 0, offset) + ": " + reason);
            }
        });
        return state;
    }
}
