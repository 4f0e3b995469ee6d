package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.proto.avro.ShedRange;
import dev.dyadic.proto.avro.Shortfall;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Decks of live runs: one for each bucket and cycle, dealt whole, from the heads of the pools. What does not fill a
/// step, and what a pool has beyond its share, stays pending for the next cycle.
final class LiveDecks {
    /// Part of keys: see Run.
    private static final long SHARES_KEY = 3;

    private final RunOrder order;
    private final RunSpec spec;
    private final MixtureWeights mixture;
    private final NavigableMap<PoolKey, Admitted> admitted;
    /// Rows of pools that have a weight, by bucket and source.
    private final NavigableMap<Bucket, NavigableMap<String, Long>> pending = new TreeMap<>();
    private final NavigableMap<Bucket, Long> stepsThere = new TreeMap<>();
    private final NavigableMap<String, Long> tokensOfSources = new TreeMap<>();

    LiveDecks(RunOrder order, NavigableMap<PoolKey, Admitted> admitted) {
        this.order = order;
        this.spec = order.run().spec();
        this.mixture = order.policy().mixture();
        this.admitted = admitted;
        admitted.forEach((pool, counts) -> {
            long rows = counts.total() - order.head(pool);
            if (mixture.sourceWeight(pool.source()) > 0 && bucketWeight(pool.bucket()) > 0) {
                pending.computeIfAbsent(pool.bucket(), _ -> new TreeMap<>()).put(pool.source(), rows);
                tokensOfSources.merge(pool.source(), pool.bucket().positions(rows), Long::sum);
            }
        });
        pending.forEach((bucket, pools) -> stepsThere.put(bucket, Shares.sum(pools) / rowsPerStep(bucket)));
    }

    /// Whole steps that the pending rows make.
    long stepsThere() {
        return Shares.sum(stepsThere);
    }

    /// Steps that every source and every length can give its share to.
    long stepsInProportion() {
        BigInteger steps = BigInteger.valueOf(stepsThere());
        NavigableMap<String, Long> weights = sourceWeights();
        long sum = Shares.sum(weights);
        for (Map.Entry<String, Long> weight : weights.entrySet()) {
            steps = steps.min(stepsFor(tokensOfSources.getOrDefault(weight.getKey(), 0L), weight.getValue(), sum));
        }
        if (mixture.weighsBuckets()) {
            long all = mixture.buckets().stream().mapToLong(Long::longValue).sum();
            for (Bucket bucket : spec.buckets()) {
                long tokens = bucket.positions(Shares.sum(pending.getOrDefault(bucket, new TreeMap<>())));
                if (bucketWeight(bucket) > 0) {
                    steps = steps.min(stepsFor(tokens, bucketWeight(bucket), all));
                }
            }
        }
        return steps.longValueExact();
    }

    /// What is pending, for people.
    ///
    /// @param steps wanted
    String describe(long steps) {
        if (pending.isEmpty()) {
            return mixture.isNatural()
                    ? "no rows are pending"
                    : "no rows of a source and length with a weight are pending";
        }
        List<String> parts = new ArrayList<>();
        long sum = Shares.sum(sourceWeights());
        sourceWeights().forEach((source, weight) -> {
            long wanted = part(steps * spec.tokensPerStep(), weight, sum);
            long there = tokensOfSources.getOrDefault(source, 0L);
            if (there < wanted) {
                parts.add("source " + source + " has " + there + " of " + wanted + " tokens");
            }
        });
        parts.add(pending.entrySet().stream()
                .map(bucket -> "length " + bucket.getKey() + " has " + Shares.sum(bucket.getValue()) + " of "
                        + rowsPerStep(bucket.getKey()) + " rows per step")
                .collect(Collectors.joining(", ")));
        return String.join("; ", parts);
    }

    /// Deals so many steps. Tokens are shared out over sources, then over the lengths of each; every length gets whole
    /// steps; the rows of a length are shared out over its pools.
    ///
    /// @param steps at most those that are there
    List<DeckSlice> deal(long cycle, long steps) {
        SplitMix64 random = new SplitMix64(SplitMix64.key(spec.seed(), SHARES_KEY, cycle));
        NavigableMap<Bucket, NavigableMap<String, Long>> wanted = wantedTokens(steps, random);
        NavigableMap<Bucket, Long> tokens = new TreeMap<>();
        stepsThere
                .keySet()
                .forEach(bucket -> tokens.put(bucket, Shares.sum(wanted.getOrDefault(bucket, new TreeMap<>()))));
        List<DeckSlice> decks = new ArrayList<>();
        Shares.filling(tokens, stepsThere, steps, random).forEach((bucket, count) -> {
            if (count > 0) {
                NavigableMap<String, Long> pools = pending.getOrDefault(bucket, new TreeMap<>());
                List<RowRange> ranges = new ArrayList<>();
                Shares.filling(wanted.getOrDefault(bucket, new TreeMap<>()), pools, count * rowsPerStep(bucket), random)
                        .forEach((source, rows) -> {
                            if (rows > 0) {
                                long from = order.head(new PoolKey(bucket, source));
                                ranges.add(new RowRange(source, from, from + rows));
                            }
                        });
                decks.add(new DeckSlice(bucket, order.run().deckKey(cycle, bucket), ranges, 0, count));
            }
        });
        return decks;
    }

    /// What every pool has beyond its backlog once these decks are dealt: the oldest of what is left.
    List<ShedRange> shed(List<DeckSlice> decks) {
        return shed(order, order.policy().mixture(), admitted, decks);
    }

    static List<ShedRange> shed(
            RunOrder order,
            MixtureWeights mixture,
            NavigableMap<PoolKey, Admitted> admitted,
            Iterable<DeckSlice> decks) {
        List<ShedRange> shed = new ArrayList<>();
        if (mixture.backlogTokens() == 0) {
            return shed;
        }
        NavigableMap<PoolKey, Long> heads = new TreeMap<>();
        decks.forEach(deck ->
                deck.ranges().forEach(range -> heads.put(new PoolKey(deck.bucket(), range.source()), range.to())));
        admitted.forEach((pool, counts) -> {
            long head = heads.getOrDefault(pool, order.head(pool));
            long rows = counts.total() - head - pool.bucket().rows(mixture.backlogTokens());
            if (rows > 0) {
                shed.add(new ShedRange(pool.bucket().log2(), pool.source(), head, head + rows));
            }
        });
        return shed;
    }

    /// Sources that could not give their share of these decks.
    List<Shortfall> shortfalls(List<DeckSlice> decks) {
        NavigableMap<String, Long> given = new TreeMap<>();
        decks.forEach(deck -> deck.ranges()
                .forEach(range -> given.merge(range.source(), deck.bucket().positions(range.rows()), Long::sum)));
        long total = Shares.sum(given);
        long sum = Shares.sum(sourceWeights());
        List<Shortfall> found = new ArrayList<>();
        sourceWeights().forEach((source, weight) -> {
            long wanted = part(total, weight, sum);
            if (tokensOfSources.getOrDefault(source, 0L) < wanted) {
                found.add(new Shortfall(source, wanted, given.getOrDefault(source, 0L)));
            }
        });
        return found;
    }

    /// Weights of the sources that are listed, and of those that are there; empty without source weights.
    private NavigableMap<String, Long> sourceWeights() {
        NavigableMap<String, Long> weights = new TreeMap<>();
        if (mixture.weighsSources()) {
            mixture.sources().forEach((source, weight) -> {
                if (weight > 0) {
                    weights.put(source, weight);
                }
            });
            tokensOfSources.keySet().forEach(source -> weights.put(source, mixture.sourceWeight(source)));
        }
        return weights;
    }

    /// By bucket and source. Without source weights, lengths share first; else sources do.
    private NavigableMap<Bucket, NavigableMap<String, Long>> wantedTokens(long steps, SplitMix64 random) {
        long total = steps * spec.tokensPerStep();
        NavigableMap<Bucket, NavigableMap<String, Long>> wanted = new TreeMap<>();
        if (mixture.weighsBuckets() && !mixture.weighsSources()) {
            NavigableMap<Bucket, Long> there = new TreeMap<>();
            NavigableMap<Bucket, Long> weights = new TreeMap<>();
            pending.forEach((bucket, pools) -> {
                there.put(bucket, bucket.positions(Shares.sum(pools)));
                weights.put(bucket, bucketWeight(bucket));
            });
            Shares.of(weights, there, total, random).forEach((bucket, tokens) -> {
                NavigableMap<String, Long> ofSources = new TreeMap<>();
                pending.getOrDefault(bucket, new TreeMap<>())
                        .forEach((source, rows) -> ofSources.put(source, bucket.positions(rows)));
                wanted.put(bucket, Shares.of(ofSources, ofSources, tokens, random));
            });
            return wanted;
        }
        NavigableMap<String, Long> weights = mixture.weighsSources() ? sourceWeights() : tokensOfSources;
        Shares.of(weights, tokensOfSources, total, random).forEach((source, tokens) -> {
            NavigableMap<Bucket, Long> there = new TreeMap<>();
            NavigableMap<Bucket, Long> ofLengths = new TreeMap<>();
            pending.forEach((bucket, pools) -> {
                long rows = pools.getOrDefault(source, 0L);
                there.put(bucket, bucket.positions(rows));
                ofLengths.put(
                        bucket, mixture.weighsBuckets() && rows > 0 ? bucketWeight(bucket) : bucket.positions(rows));
            });
            Shares.of(ofLengths, there, tokens, random)
                    .forEach((bucket, part) ->
                            wanted.computeIfAbsent(bucket, _ -> new TreeMap<>()).put(source, part));
        });
        return wanted;
    }

    /// Steps of which these tokens are the weight's part.
    private BigInteger stepsFor(long tokens, long weight, long sum) {
        return BigInteger.valueOf(tokens)
                .multiply(BigInteger.valueOf(sum))
                .divide(BigInteger.valueOf(weight).multiply(BigInteger.valueOf(spec.tokensPerStep())));
    }

    /// `⌊tokens * numerator / denominator⌋`.
    private static long part(long tokens, long numerator, long denominator) {
        return BigInteger.valueOf(tokens)
                .multiply(BigInteger.valueOf(numerator))
                .divide(BigInteger.valueOf(denominator))
                .longValueExact();
    }

    private long bucketWeight(Bucket bucket) {
        return mixture.bucketWeight(spec.buckets().indexOf(bucket));
    }

    private int rowsPerStep(Bucket bucket) {
        return spec.rowsPerStep(bucket);
    }
}
