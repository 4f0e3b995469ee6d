package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Decks of bounded runs: one for each bucket and pass, of which cycle `j` of `c` deals steps `⌊jB/c⌋` to
/// `⌊(j+1)B/c⌋`. Without weights a deck has its pools whole; with weights, the heads of them that are in proportion.
final class BoundedDecks {
    private BoundedDecks() {}

    /// @param deal number of the cycle among those that deal passes
    static List<DeckSlice> of(
            RunOrder order, Extent.Bounded bounded, long deal, NavigableMap<PoolKey, Admitted> admitted) {
        long pass = deal / bounded.cycles();
        long cycle = deal % bounded.cycles();
        List<DeckSlice> decks = new ArrayList<>();
        ranges(order.run().spec(), admitted).forEach((bucket, pools) -> {
            long rows = pools.stream().mapToLong(RowRange::rows).sum();
            long steps = rows / order.run().spec().rowsPerStep(bucket);
            long first = part(steps, cycle, bounded.cycles());
            long end = part(steps, cycle + 1, bounded.cycles());
            if (end > first) {
                decks.add(new DeckSlice(bucket, order.passes().owner(pass).deckKey(pass, bucket), pools, first, end));
            }
        });
        return decks;
    }

    /// Steps of a pass.
    static long stepsPerPass(RunSpec spec, NavigableMap<PoolKey, Admitted> admitted) {
        long steps = 0;
        for (Map.Entry<Bucket, List<RowRange>> bucket : ranges(spec, admitted).entrySet()) {
            steps += bucket.getValue().stream().mapToLong(RowRange::rows).sum() / spec.rowsPerStep(bucket.getKey());
        }
        return steps;
    }

    /// What a pass takes of each pool. See docs/order.md, "Mixture of bounded runs".
    static NavigableMap<Bucket, List<RowRange>> ranges(RunSpec spec, NavigableMap<PoolKey, Admitted> admitted) {
        NavigableMap<PoolKey, Fraction> weights = weights(spec, admitted);
        Fraction total = null;
        for (Map.Entry<PoolKey, Fraction> entry : weights.entrySet()) {
            Fraction enough = new Fraction(tokens(entry.getKey(), admitted), BigInteger.ONE).over(entry.getValue());
            total = total == null || enough.isBelow(total) ? enough : total;
        }
        NavigableMap<Bucket, List<RowRange>> ranges = new TreeMap<>();
        if (total != null) {
            for (Map.Entry<PoolKey, Fraction> entry : weights.entrySet()) {
                long rows = total.times(entry.getValue())
                        .over(new Fraction(
                                BigInteger.ONE.shiftLeft(entry.getKey().bucket().log2()), BigInteger.ONE))
                        .floor();
                if (rows > 0) {
                    ranges.computeIfAbsent(entry.getKey().bucket(), _ -> new ArrayList<>())
                            .add(new RowRange(entry.getKey().source(), 0, rows));
                }
            }
        }
        return ranges;
    }

    /// Parts of the tokens that each pool is to give; they add up to 1.
    private static NavigableMap<PoolKey, Fraction> weights(RunSpec spec, NavigableMap<PoolKey, Admitted> admitted) {
        MixtureWeights mixture = spec.mixture();
        NavigableMap<PoolKey, BigInteger> tokens = new TreeMap<>();
        admitted.keySet().forEach(pool -> {
            boolean takesPart = mixture.bucketWeight(spec.buckets().indexOf(pool.bucket())) > 0
                    && mixture.sourceWeight(pool.source()) > 0
                    && tokens(pool, admitted).signum() > 0;
            if (takesPart) {
                tokens.put(pool, tokens(pool, admitted));
            }
        });
        Function<PoolKey, BigInteger> bucketWeight =
                pool -> BigInteger.valueOf(mixture.bucketWeight(spec.buckets().indexOf(pool.bucket())));
        Function<PoolKey, BigInteger> sourceWeight = pool -> BigInteger.valueOf(mixture.sourceWeight(pool.source()));
        if (mixture.weighsSources()) {
            return shares(tokens, PoolKey::source, sourceWeight, mixture.weighsBuckets() ? bucketWeight : null);
        }
        if (mixture.weighsBuckets()) {
            return shares(tokens, PoolKey::bucket, bucketWeight, null);
        }
        return shares(tokens, _ -> 0, _ -> BigInteger.ONE, null);
    }

    /// Groups share by weight; the pools of a group by weight too or, without weights, by their tokens.
    private static <G extends Comparable<G>> NavigableMap<PoolKey, Fraction> shares(
            NavigableMap<PoolKey, BigInteger> tokens,
            Function<PoolKey, G> group,
            Function<PoolKey, BigInteger> groupWeight,
            @Nullable Function<PoolKey, BigInteger> poolWeight) {
        NavigableMap<G, BigInteger> groups = new TreeMap<>();
        NavigableMap<G, BigInteger> sums = new TreeMap<>();
        NavigableMap<PoolKey, BigInteger> weights = new TreeMap<>();
        tokens.forEach((pool, there) -> {
            BigInteger weight = poolWeight == null ? there : poolWeight.apply(pool);
            weights.put(pool, weight);
            groups.put(group.apply(pool), groupWeight.apply(pool));
            sums.merge(group.apply(pool), weight, BigInteger::add);
        });
        BigInteger sum = sum(groups);
        NavigableMap<PoolKey, Fraction> shares = new TreeMap<>();
        weights.forEach((pool, weight) -> {
            G its = group.apply(pool);
            Fraction ofGroup = new Fraction(groups.getOrDefault(its, BigInteger.ZERO), sum);
            shares.put(pool, ofGroup.times(new Fraction(weight, sums.getOrDefault(its, BigInteger.ONE))));
        });
        return shares;
    }

    private static BigInteger tokens(PoolKey pool, NavigableMap<PoolKey, Admitted> admitted) {
        Admitted counts = admitted.get(pool);
        return counts == null
                ? BigInteger.ZERO
                : BigInteger.valueOf(counts.total()).shiftLeft(pool.bucket().log2());
    }

    private static BigInteger sum(Map<?, BigInteger> values) {
        return values.values().stream().reduce(BigInteger.ZERO, BigInteger::add);
    }

    /// `⌊cycle * steps / cycles⌋`: both factors stay below 2^48 * 2^20, so the product is taken exactly.
    private static long part(long steps, long cycle, long cycles) {
        return Math.multiplyExact(steps / cycles, cycle) + Math.multiplyExact(steps % cycles, cycle) / cycles;
    }

    /// An exact number that is not negative.
    private record Fraction(BigInteger numerator, BigInteger denominator) {
        Fraction {
            BigInteger divisor = numerator.gcd(denominator);
            numerator = numerator.divide(divisor);
            denominator = denominator.divide(divisor);
        }

        Fraction times(Fraction other) {
            return new Fraction(numerator.multiply(other.numerator), denominator.multiply(other.denominator));
        }

        Fraction over(Fraction other) {
            return new Fraction(numerator.multiply(other.denominator), denominator.multiply(other.numerator));
        }

        boolean isBelow(Fraction other) {
            return numerator.multiply(other.denominator).compareTo(other.numerator.multiply(denominator)) < 0;
        }

        long floor() {
            return numerator.divide(denominator).longValueExact();
        }
    }
}
