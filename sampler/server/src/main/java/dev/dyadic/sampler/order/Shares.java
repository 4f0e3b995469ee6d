package dev.dyadic.sampler.order;

import dev.dyadic.proto.SplitMix64;
import java.math.BigInteger;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Shares a total out in proportion to weights, in whole numbers; nobody gets more than its cap.
///
/// What capped ones leave goes to the others in proportion to their weights. Fractions are rounded at random so that
/// everybody gets its share on average, however small it is (systematic sampling: one draw for all).
final class Shares {
    private Shares() {}

    /// @param weights at least 0; who has no weight gets nothing
    /// @param caps of the same keys
    /// @return at most `total` in all: less only where the caps are in the way
    static <K extends Comparable<K>> NavigableMap<K, Long> of(
            NavigableMap<K, Long> weights, NavigableMap<K, Long> caps, long total, SplitMix64 random) {
        NavigableMap<K, Long> shares = new TreeMap<>();
        NavigableMap<K, Long> open = new TreeMap<>();
        weights.forEach((key, weight) -> {
            shares.put(key, 0L);
            if (weight > 0) {
                open.put(key, weight);
            }
        });
        long left = total;
        boolean capped = true;
        while (capped && !open.isEmpty() && left > 0) {
            capped = false;
            long sum = sum(open);
            long toShare = left;
            for (Map.Entry<K, Long> entry : Map.copyOf(open).entrySet()) {
                long cap = caps.getOrDefault(entry.getKey(), 0L);
                if (product(entry.getValue(), toShare).compareTo(product(cap, sum)) >= 0) {
                    shares.put(entry.getKey(), cap);
                    left -= cap;
                    open.remove(entry.getKey());
                    capped = true;
                }
            }
        }
        if (!open.isEmpty() && left > 0) {
            round(open, left, random, shares);
        }
        return shares;
    }

    /// In proportion to what each has; the rest of the total, where that leaves some, to whoever still has something.
    static <K extends Comparable<K>> NavigableMap<K, Long> filling(
            NavigableMap<K, Long> weights, NavigableMap<K, Long> caps, long total, SplitMix64 random) {
        NavigableMap<K, Long> shares = of(weights, caps, total, random);
        long left = total - sum(shares);
        if (left > 0) {
            NavigableMap<K, Long> room = new TreeMap<>();
            caps.forEach((key, cap) -> room.put(key, cap - shares.getOrDefault(key, 0L)));
            of(room, room, left, random).forEach((key, more) -> shares.merge(key, more, Long::sum));
        }
        return shares;
    }

    private static <K extends Comparable<K>> void round(
            NavigableMap<K, Long> weights, long total, SplitMix64 random, NavigableMap<K, Long> shares) {
        long sum = sum(weights);
        BigInteger divisor = BigInteger.valueOf(sum);
        BigInteger draw = BigInteger.valueOf(random.nextBelow(sum));
        long cumulated = 0;
        long before = 0;
        for (Map.Entry<K, Long> entry : weights.entrySet()) {
            cumulated += entry.getValue();
            long now = product(cumulated, total).add(draw).divide(divisor).longValueExact();
            shares.put(entry.getKey(), now - before);
            before = now;
        }
    }

    private static BigInteger product(long a, long b) {
        return BigInteger.valueOf(a).multiply(BigInteger.valueOf(b));
    }

    static long sum(Map<?, Long> values) {
        return values.values().stream().mapToLong(Long::longValue).sum();
    }
}
