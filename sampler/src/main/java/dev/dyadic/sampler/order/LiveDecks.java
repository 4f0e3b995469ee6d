package dev.dyadic.sampler.order;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Decks of live runs: one for each bucket and cycle, dealt whole, from the heads of the pools. What does not fill a
/// step
/// stays pending for the next cycle.
final class LiveDecks {
    private final RunOrder order;
    private final NavigableMap<Integer, NavigableMap<String, Long>> pending = new TreeMap<>();
    private final NavigableMap<Integer, Long> stepsThere = new TreeMap<>();

    LiveDecks(RunOrder order, NavigableMap<PoolKey, Admitted> admitted) {
        this.order = order;
        admitted.forEach((pool, counts) -> pending.computeIfAbsent(pool.log2(), _ -> new TreeMap<>())
                .put(pool.source(), counts.total() - order.dealt(pool)));
        pending.forEach((log2, pools) -> stepsThere.put(log2, sum(pools) / rowsPerStep(log2)));
    }

    /// Whole steps that the pending rows make.
    long stepsThere() {
        return sum(stepsThere);
    }

    /// What is pending, for people.
    String describe() {
        if (pending.isEmpty()) {
            return "no rows are pending";
        }
        return pending.entrySet().stream()
                .map(bucket -> "length " + (1 << bucket.getKey()) + " has " + sum(bucket.getValue()) + " of "
                        + rowsPerStep(bucket.getKey()) + " rows per step")
                .collect(Collectors.joining(", "));
    }

    /// Deals so many steps, shared out over buckets, and over the pools of a bucket, in proportion to what is there.
    List<Deck> deal(long cycle, long steps) {
        List<Deck> decks = new ArrayList<>();
        Shares.of(stepsThere, steps).forEach((log2, count) -> {
            if (count > 0) {
                NavigableMap<String, Long> pools = pending.getOrDefault(log2, new TreeMap<>());
                List<PoolRange> ranges = new ArrayList<>();
                Shares.of(pools, count * rowsPerStep(log2)).forEach((source, rows) -> {
                    if (rows > 0) {
                        long from = order.dealt(new PoolKey(log2, source));
                        ranges.add(new PoolRange(source, from, from + rows));
                    }
                });
                decks.add(new Deck(log2, order.run().deckKey(cycle, log2), ranges, 0, count));
            }
        });
        return decks;
    }

    private int rowsPerStep(int log2) {
        return order.run().spec().rowsPerStep(log2);
    }

    private static long sum(NavigableMap<?, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
