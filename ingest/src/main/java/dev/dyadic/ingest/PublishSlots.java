package dev.dyadic.ingest;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The calls that publish, of which there are at most so many: each may hold a document of the largest size.
///
/// A caller may have one more while it has fewer than are free: one alone has half, the next a quarter, and so on, so
/// that something is left for whoever comes. Where nothing is, a call that has been silent for a moment gives its place
/// to a caller who has none. Safe for use by many threads.
final class PublishSlots {
    private final int max;
    private final long yieldNanos;
    private final Set<Slot> taken = new HashSet<>();
    private final Map<String, Integer> byCaller = new HashMap<>();

    /// A call, as the slots see it.
    interface Occupant {
        /// @return since when nothing was sent and nothing is owed to the client, by the system's clock; null while
        /// there is something to do
        @Nullable
        Long silentSinceNanos();

        /// Ends the call, for this reason.
        void end(String reason);
    }

    /// A place that a call has. Given back once, by whoever comes first.
    static final class Slot {
        private final String caller;
        private final Occupant occupant;

        private Slot(String caller, Occupant occupant) {
            this.caller = caller;
            this.occupant = occupant;
        }
    }

    /// What a call that asked for a place gets.
    sealed interface Entry {
        record Taken(Slot slot) implements Entry {}

        record Refused(String reason) implements Entry {}
    }

    /// @param yieldNanos after which a silent call gives its place to somebody who has none
    PublishSlots(int max, long yieldNanos) {
        this.max = max;
        this.yieldNanos = yieldNanos;
    }

    int max() {
        return max;
    }

    /// @param caller its name, or its address where callers are not known
    Entry enter(String caller, Occupant occupant, long nowNanos) {
        Optional<Slot> yielding = Optional.empty();
        Entry entry;
        synchronized (this) {
            int own = byCaller.getOrDefault(caller, 0);
            if (own == 0 && taken.size() == max) {
                yielding = longestSilent(nowNanos, yieldNanos);
                yielding.ifPresent(this::leave);
            }
            int free = max - taken.size();
            // The first one needs no other that is free behind it.
            if (free > 0 && (own == 0 || own < free)) {
                Slot slot = new Slot(caller, occupant);
                taken.add(slot);
                byCaller.merge(caller, 1, Integer::sum);
                entry = new Entry.Taken(slot);
            } else {
                entry = new Entry.Refused(
                        free == 0
                                ? "at most " + max + " calls publish at a time: try again later"
                                : caller + " has " + own + " calls that publish, and " + free
                                        + " places are left for others: send more documents in each call");
            }
        }
        yielding.ifPresent(slot -> slot.occupant.end("this call was silent, and its place is needed by another caller:"
                + " open another call when there is something to publish"));
        return entry;
    }

    synchronized void leave(Slot slot) {
        if (taken.remove(slot)) {
            byCaller.computeIfPresent(slot.caller, (_, calls) -> calls == 1 ? null : calls - 1);
        }
    }

    /// Those that have been silent for so long.
    List<Occupant> silent(long nowNanos, long nanos) {
        List<Slot> open;
        synchronized (this) {
            open = new ArrayList<>(taken);
        }
        return open.stream()
                .filter(slot -> silentNanos(slot, nowNanos) >= nanos)
                .map(slot -> slot.occupant)
                .toList();
    }

    private Optional<Slot> longestSilent(long nowNanos, long nanos) {
        return taken.stream()
                .filter(slot -> silentNanos(slot, nowNanos) >= nanos)
                .max(Comparator.comparingLong(slot -> silentNanos(slot, nowNanos)));
    }

    private static long silentNanos(Slot slot, long nowNanos) {
        Long since = slot.occupant.silentSinceNanos();
        return since == null ? -1 : nowNanos - since;
    }
}
