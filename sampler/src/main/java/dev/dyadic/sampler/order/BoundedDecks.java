package dev.dyadic.sampler.order;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Decks of bounded runs: one for each bucket and pass, of which cycle `j` of `c` deals steps `⌊jB/c⌋` to
/// `⌊(j+1)B/c⌋`. Without weights a deck has its pools whole; with weights, the heads of them that are in proportion.
final class BoundedDecks {
    private BoundedDecks() {}

    /// @param deal number of the cycle among those that deal passes
    static List<Deck> of(RunOrder order, Extent.Bounded bounded, long deal, NavigableMap<PoolKey, Admitted> admitted) {
        long pass = deal / bounded.cycles();
        long cycle = deal % bounded.cycles();
        List<Deck> decks = new ArrayList<>();
        ranges(order.run().spec(), admitted).forEach((log2, pools) -> {
            long rows = pools.stream().mapToLong(PoolRange::rows).sum();
            long steps = rows / order.run().spec().rowsPerStep(log2);
            long first = part(steps, cycle, bounded.cycles());
            long end = part(steps, cycle + 1, bounded.cycles());
            if (end > first) {
                decks.add(new Deck(log2, order.ownerOfPass(pass).deckKey(pass, log2), pools, first, end));
            }
        });
        return decks;
    }

    /// Steps of a pass.
    static long stepsPerPass(RunSpec spec, NavigableMap<PoolKey, Admitted> admitted) {
        long steps = 0;
        for (Map.Entry<Integer, List<PoolRange>> bucket : ranges(spec, admitted).entrySet()) {
            steps += bucket.getValue().stream().mapToLong(PoolRange::rows).sum() / spec.rowsPerStep(bucket.getKey());
        }
        return steps;
    }

    /// What a pass takes of each pool. See docs/order.md, "Mixture of bounded runs".
    static NavigableMap<Integer, List<PoolRange>> ranges(RunSpec spec, NavigableMap<PoolKey, Admitted> admitted) {
        NavigableMap<PoolKey, Fraction> weights = weights(spec, admitted);
        Fraction total = null;
        for (Map.Entry<PoolKey, Fraction> entry : weights.entrySet()) {
            Fraction enough = new Fraction(tokens(entry.getKey(), admitted), BigInteger.ONE).over(entry.getValue());
            total = total == null || enough.isBelow(total) ? enough : total;
        }
        NavigableMap<Integer, List<PoolRange>> ranges = new TreeMap<>();
        if (total != null) {
            for (Map.Entry<PoolKey, Fraction> entry : weights.entrySet()) {
                long rows = total.times(entry.getValue())
                        .over(new Fraction(
                                BigInteger.ONE.shiftLeft(entry.getKey().log2()), BigInteger.ONE))
                        .floor();
                if (rows > 0) {
                    ranges.computeIfAbsent(entry.getKey().log2(), _ -> new ArrayList<>())
                            .add(new PoolRange(entry.getKey().source(), 0, rows));
                }
            }
        }
        return ranges;
    }

    /// Parts of the tokens that each pool is to give; they add up to 1.
    private static NavigableMap<PoolKey, Fraction> weights(RunSpec spec, NavigableMap<PoolKey, Admitted> admitted) {
        Mixture mixture = spec.mixture();
        NavigableMap<String, NavigableMap<PoolKey, BigInteger>> sources = new TreeMap<>();
        NavigableMap<String, BigInteger> tokensOfSources = new TreeMap<>();
        admitted.keySet().forEach(pool -> {
            long weight = mixture.bucketWeight(pool.log2() - spec.buckets().minLog2());
            BigInteger tokens = tokens(pool, admitted);
            if (weight > 0 && mixture.sourceWeight(pool.source()) > 0 && tokens.signum() > 0) {
                sources.computeIfAbsent(pool.source(), _ -> new TreeMap<>())
                        .put(pool, mixture.weighsBuckets() ? BigInteger.valueOf(weight) : tokens);
                tokensOfSources.merge(pool.source(), tokens, BigInteger::add);
            }
        });
        NavigableMap<String, BigInteger> weightsOfSources = new TreeMap<>();
        sources.keySet()
                .forEach(source -> weightsOfSources.put(
                        source,
                        mixture.weighsSources()
                                ? BigInteger.valueOf(mixture.sourceWeight(source))
                                : tokensOfSources.getOrDefault(source, BigInteger.ZERO)));
        BigInteger sum = sum(weightsOfSources);
        NavigableMap<PoolKey, Fraction> weights = new TreeMap<>();
        sources.forEach((source, pools) -> {
            Fraction ofSource = new Fraction(weightsOfSources.getOrDefault(source, BigInteger.ZERO), sum);
            BigInteger sumOfPools = sum(pools);
            pools.forEach((pool, weight) -> weights.put(pool, ofSource.times(new Fraction(weight, sumOfPools))));
        });
        return weights;
    }

    private static BigInteger tokens(PoolKey pool, NavigableMap<PoolKey, Admitted> admitted) {
        Admitted counts = admitted.get(pool);
        return counts == null
                ? BigInteger.ZERO
                : BigInteger.valueOf(counts.total()).shiftLeft(pool.log2());
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
