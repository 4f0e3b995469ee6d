package dev.dyadic.sampler.serve;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Those that have calls open now, such as callers or connections, each with a part of the bytes of answers. One
/// without calls is forgotten. Safe for use by many threads.
final class Holders {
    private final int units;
    private final int streamUnits;
    private final String whose;
    private final Map<String, Holder> holders = new HashMap<>();

    /// @param units of bytes that each may have on their way, see [BytePart]
    /// @param streamUnits of them in streams
    Holders(int units, int streamUnits, String whose) {
        this.units = units;
        this.streamUnits = streamUnits;
        this.whose = whose;
    }

    /// One of them.
    ///
    /// @param calls open, by lane; guarded by the holders
    record Holder(String name, BytePart bytes, BytePart streamBytes, Map<Lane, Integer> calls) {}

    /// @return null where it has so many calls of the lane already
    synchronized @Nullable Holder enter(String name, Lane lane, int maxCalls) {
        Holder holder = holders.computeIfAbsent(name, this::holder);
        if (holder.calls().getOrDefault(lane, 0) >= maxCalls) {
            return null;
        }
        holder.calls().merge(lane, 1, Integer::sum);
        return holder;
    }

    synchronized void leave(Holder holder, Lane lane) {
        holder.calls().computeIfPresent(lane, (_, open) -> open == 1 ? null : open - 1);
        if (holder.calls().isEmpty()) {
            holders.remove(holder.name());
        }
    }

    private Holder holder(String name) {
        return new Holder(
                name,
                new BytePart(units, whose),
                new BytePart(streamUnits, whose + " in streams"),
                new EnumMap<>(Lane.class));
    }
}
