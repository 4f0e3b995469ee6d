package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
/// A pool of a run: its split is the run's. Ordered by length, then by source as a sequence of UTF-16 units.

public record PoolKey(Bucket bucket, String source) implements Comparable<PoolKey> {
    @Override
    public int compareTo(PoolKey other) {
        int byLength = bucket.compareTo(other.bucket);
        return byLength != 0 ? byLength : source.compareTo(other.source);
    }
}
