package dev.dyadic.sampler.order;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Decks of bounded runs: one for each bucket and pass, whole pools, of which cycle `j` of `c` deals steps `⌊jB/c⌋` to
/// `⌊(j+1)B/c⌋`.
final class BoundedDecks {
    private BoundedDecks() {}

    static List<Deck> of(Run run, Extent.Bounded bounded, long number, NavigableMap<PoolKey, Admitted> admitted) {
        long pass = number / bounded.cycles();
        long cycle = number % bounded.cycles();
        NavigableMap<Integer, List<PoolRange>> ranges = new TreeMap<>();
        admitted.forEach((pool, counts) -> ranges.computeIfAbsent(pool.log2(), _ -> new ArrayList<>())
                .add(new PoolRange(pool.source(), 0, counts.total())));
        List<Deck> decks = new ArrayList<>();
        ranges.forEach((log2, pools) -> {
            long rows = pools.stream().mapToLong(PoolRange::rows).sum();
            long steps = rows / run.spec().rowsPerStep(log2);
            long first = part(steps, cycle, bounded.cycles());
            long end = part(steps, cycle + 1, bounded.cycles());
            if (end > first) {
                decks.add(new Deck(log2, run.deckKey(pass, log2), pools, first, end));
            }
        });
        return decks;
    }

    /// `⌊cycle * steps / cycles⌋`: both factors stay below 2^48 * 2^20, so the product is taken exactly.
    private static long part(long steps, long cycle, long cycles) {
        return Math.multiplyExact(steps / cycles, cycle) + Math.multiplyExact(steps % cycles, cycle) / cycles;
    }
}
