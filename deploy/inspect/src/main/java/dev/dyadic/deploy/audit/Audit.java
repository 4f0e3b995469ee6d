package dev.dyadic.deploy.audit;

import dev.dyadic.deploy.history.History;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.sampler.order.LedgerState;
import dev.dyadic.sampler.order.Outcome;
import dev.dyadic.sampler.order.RunOrder;
import java.util.Optional;

/// Recomputes Laws 1 to 6 for a run, from the topics and the ledger alone.
public final class Audit {
    private final History history;
    private final Findings findings = new Findings();

    private Audit(History history) {
        this.history = history;
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
        return new Audit(history).audit(run, served);
    }

    private AuditReport audit(String name, Served served) {
        LedgerState ledger = readLedger();
        ledger.obstacle(name).ifPresent(refusal -> {
            throw refusal.toException();
        });
        RunOrder order = ledger.run(name)
                .orElseThrow(() -> new ClusterException("there is no run '" + name + "' in "
                        + history.topics().ledger() + "; 'dyadic run list' shows those there are"));
        RowLog rows = new DocumentAudit(history, findings).audit();
        long[] compared = {0};
        new RunAudit(history.topics(), order, rows, findings, (step, bucket, digest) -> {
                    Optional<Long> other = served.digest(step);
                    if (other.isPresent()) {
                        compared[0]++;
                        if (other.get() != digest) {
                            findings.breach(
                                    Law.PURE_BATCHES,
                                    "step " + step + " of length " + bucket.length() + " was served with digest "
                                            + Long.toHexString(other.get()) + ", but the log gives "
                                            + Long.toHexString(digest));
                        }
                    }
                })
                .audit();
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
