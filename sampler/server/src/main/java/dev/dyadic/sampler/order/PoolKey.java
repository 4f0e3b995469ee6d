package dev.dyadic.sampler.order;

/// A pool of a run: its split is the run's. Ordered by length, then by source as a sequence of UTF-16 units.
public record PoolKey(int log2, String source) implements Comparable<PoolKey> {
    @Override
    public int compareTo(PoolKey other) {
        int byLength = Integer.compare(log2, other.log2);
        return byLength != 0 ? byLength : source.compareTo(other.source);
    }
}
