package dev.dyadic.sampler.order;

import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Shares a total out in proportion to what each has, by largest remainder; nobody gets more than it has.
final class Shares {
    private Shares() {}

    /// @param total at most the sum of what is there
    static <K extends Comparable<K>> NavigableMap<K, Long> of(NavigableMap<K, Long> there, long total) {
        long sum = there.values().stream().mapToLong(Long::longValue).sum();
        if (total > sum) {
            throw new IllegalArgumentException("cannot share out " + total + " of " + sum);
        }
        NavigableMap<K, Long> shares = new TreeMap<>();
        if (sum == 0) {
            there.keySet().forEach(key -> shares.put(key, 0L));
            return shares;
        }
        NavigableMap<K, Long> remainders = new TreeMap<>();
        long left = total;
        for (var entry : there.entrySet()) {
            long whole = floor(entry.getValue(), total, sum);
            shares.put(entry.getKey(), whole);
            // Comparable as it is: every remainder has the same denominator.
            remainders.put(entry.getKey(), entry.getValue() * total - whole * sum);
            left -= whole;
        }
        List<K> byRemainder = remainders.entrySet().stream()
                .sorted(Comparator.comparing((java.util.Map.Entry<K, Long> entry) -> entry.getValue())
                        .reversed()
                        .thenComparing(java.util.Map.Entry::getKey))
                .map(java.util.Map.Entry::getKey)
                .toList();
        for (K key : byRemainder.subList(0, (int) left)) {
            shares.merge(key, 1L, Long::sum);
        }
        return shares;
    }

    /// `⌊part * total / sum⌋`, in 128 bits.
    private static long floor(long part, long total, long sum) {
        return java.math.BigInteger.valueOf(part)
                .multiply(java.math.BigInteger.valueOf(total))
                .divide(java.math.BigInteger.valueOf(sum))
                .longValueExact();
    }
}
