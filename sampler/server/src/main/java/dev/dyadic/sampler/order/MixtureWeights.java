package dev.dyadic.sampler.order;

import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.avro.Mixture;
import dev.dyadic.proto.avro.SourceWeight;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// How the tokens of a cycle are shared out: over sources, and within a source over buckets; with weights of buckets
/// only, over buckets, and within a bucket over sources. Where there are no weights, in proportion to what is there.
///
/// @param sources weights by name; empty: in proportion to what is there
/// @param otherSources weight of each source that is not listed; counts only where some are
/// @param buckets weights, shortest first; empty: in proportion to what is there
/// @param backlogTokens a pool keeps at most so many pending tokens after a cycle, and sheds the oldest; 0: keeps all
public record MixtureWeights(
        NavigableMap<String, Long> sources, long otherSources, List<Long> buckets, long backlogTokens) {
    public static final MixtureWeights NATURAL = new MixtureWeights(Collections.emptyNavigableMap(), 1, List.of(), 0);
    public static final long MAX_WEIGHT = 1_000_000;
    private static final int MAX_WEIGHTS = 4096;

    public MixtureWeights {
        sources = Collections.unmodifiableNavigableMap(new TreeMap<>(sources));
        buckets = List.copyOf(buckets);
        if (sources.size() > MAX_WEIGHTS) {
            throw new InvalidException(
                    "mixture.sources must have at most " + MAX_WEIGHTS + " entries, but had " + sources.size());
        }
        sources.forEach((source, weight) -> requireWeight("weight of source " + source, weight));
        requireWeight("weight of other sources", otherSources);
        buckets.forEach(weight -> requireWeight("weight of a length", weight));
        if (otherSources == 0 && sources.values().stream().allMatch(weight -> weight == 0)) {
            throw new InvalidException("mixture must give some source a weight above 0");
        }
        if (!buckets.isEmpty() && buckets.stream().allMatch(weight -> weight == 0)) {
            throw new InvalidException("mixture must give some length a weight above 0");
        }
        if (backlogTokens < 0) {
            throw new InvalidException("mixture.backlog-tokens must be at least 0, but was " + backlogTokens);
        }
    }

    static MixtureWeights of(dev.dyadic.proto.avro.@Nullable Mixture mixture) {
        if (mixture == null) {
            return NATURAL;
        }
        NavigableMap<String, Long> sources = new TreeMap<>();
        for (SourceWeight weight : mixture.getSources()) {
            if (sources.put(weight.getSource(), weight.getWeight()) != null) {
                throw new InvalidException("mixture names source " + weight.getSource() + " twice");
            }
        }
        return new MixtureWeights(sources, mixture.getOtherSources(), mixture.getBuckets(), mixture.getBacklogTokens());
    }

    public Mixture toRecord() {
        List<SourceWeight> weights = new ArrayList<>();
        sources.forEach((source, weight) -> weights.add(new SourceWeight(source, weight)));
        return new Mixture(weights, otherSources, buckets, backlogTokens);
    }

    public boolean weighsSources() {
        return !sources.isEmpty();
    }

    public boolean weighsBuckets() {
        return !buckets.isEmpty();
    }

    /// Whether every pool gives in proportion to what it has.
    public boolean isNatural() {
        return sources.isEmpty() && buckets.isEmpty();
    }

    public long sourceWeight(String source) {
        return sources.isEmpty() ? 1 : sources.getOrDefault(source, otherSources);
    }

    /// @param index of the bucket, from the shortest
    public long bucketWeight(int index) {
        return buckets.isEmpty() ? 1 : buckets.get(index);
    }

    private static void requireWeight(String what, long weight) {
        if (weight < 0 || weight > MAX_WEIGHT) {
            throw new InvalidException(what + " must be between 0 and " + MAX_WEIGHT + ", but was " + weight);
        }
    }

    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (weighsSources()) {
            List<String> weights = new ArrayList<>();
            sources.forEach((source, weight) -> weights.add(source + "=" + weight));
            weights.add("others=" + otherSources);
            parts.add("sources " + String.join(",", weights));
        }
        if (weighsBuckets()) {
            parts.add("lengths "
                    + String.join(",", buckets.stream().map(String::valueOf).toList()));
        }
        if (backlogTokens > 0) {
            parts.add("backlog " + backlogTokens + " tokens");
        }
        return parts.isEmpty() ? "natural" : String.join("; ", parts);
    }
}
