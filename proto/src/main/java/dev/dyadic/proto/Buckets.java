package dev.dyadic.proto;

import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The lengths of a corpus or a run: every power of two from `2^minLog2` to `2^maxLog2`. Iterates from the shortest to
/// the longest.
public record Buckets(int minLog2, int maxLog2) implements Iterable<Bucket> {
    public Buckets {
        if (minLog2 < 0 || minLog2 > maxLog2 || maxLog2 > Bucket.LARGEST_LOG2) {
            throw new InvalidException("bucket.log2 must satisfy 0 <= min <= max <= " + Bucket.LARGEST_LOG2
                    + ", but was min=" + minLog2 + ", max=" + maxLog2);
        }
    }

    /// The buckets between two lengths in tokens, each a power of two.
    public static Buckets ofLengths(long minLength, long maxLength) {
        return new Buckets(
                Bucket.ofLength("min-length", minLength).log2(),
                Bucket.ofLength("max-length", maxLength).log2());
    }

    public int count() {
        return maxLog2 - minLog2 + 1;
    }

    public Bucket min() {
        return Bucket.of(minLog2);
    }

    public Bucket max() {
        return Bucket.of(maxLog2);
    }

    public int maxLength() {
        return max().length();
    }

    public int minLength() {
        return min().length();
    }

    /// @param index 0: the shortest
    public Bucket get(int index) {
        if (index < 0 || index >= count()) {
            throw new IllegalArgumentException(
                    "there are " + count() + " buckets, but number " + index + " was asked for");
        }
        return Bucket.of(minLog2 + index);
    }

    /// Number of a bucket among these, from 0 for the shortest; outside `[0, count())` where it is none of them.
    public int indexOf(Bucket bucket) {
        return bucket.log2() - minLog2;
    }

    public boolean contains(Bucket bucket) {
        return bucket.log2() >= minLog2 && bucket.log2() <= maxLog2;
    }

    public boolean contains(Buckets other) {
        return contains(other.min()) && contains(other.max());
    }

    public Stream<Bucket> stream() {
        return IntStream.rangeClosed(minLog2, maxLog2).mapToObj(Bucket::of);
    }

    public List<Bucket> fromLongest() {
        return stream().toList().reversed();
    }

    @Override
    public Iterator<Bucket> iterator() {
        return stream().iterator();
    }

    @Override
    public String toString() {
        return minLength() + ".." + maxLength();
    }
}
