package dev.dyadic.sampler.order;

import dev.dyadic.proto.LedgerHeaders;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Which runs the ledger has records about that this program does not know, because a later release wrote them. What
/// such a record does to its run cannot be told, so the run is neither planned nor served here from then on; where a
/// record names no run, none is. A program that knows the record reads the ledger from its beginning, and goes on.
///
/// One thread adds; any thread asks.
final class UnknownRecords {
    private final Map<Long, String> byId = new ConcurrentHashMap<>();
    private final Map<String, String> byName = new ConcurrentHashMap<>();
    private volatile @Nullable String ofAll;

    /// @param offset of the record: the id of a run that it opens
    /// @param what this program lacks
    void add(long offset, LedgerHeaders headers, String what) {
        String reason = "ledger record " + offset + " was written by a later release: " + what;
        headers.runId().ifPresent(id -> byId.putIfAbsent(id, reason));
        headers.runName().ifPresent(name -> {
            byName.putIfAbsent(name, reason);
            byId.putIfAbsent(offset, reason);
        });
        if (!headers.namesRun() && ofAll == null) {
            ofAll = reason;
        }
    }

    /// Why no run is planned or served.
    Optional<String> ofAll() {
        return Optional.ofNullable(ofAll);
    }

    /// Why the run with this id is not planned or served.
    Optional<String> of(long id) {
        return ofAll().or(() -> Optional.ofNullable(byId.get(id)));
    }

    /// Why the run of this name is not planned or served, if this program could read the record that opens it or not.
    Optional<String> of(String name) {
        return ofAll().or(() -> Optional.ofNullable(byName.get(name)));
    }
}
