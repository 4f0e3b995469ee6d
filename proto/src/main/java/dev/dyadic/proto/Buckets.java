package dev.dyadic.proto;

/// The lengths of a corpus or a run: every power of two from `2^minLog2` to `2^maxLog2`.
public record Buckets(int minLog2, int maxLog2) {
    /// Longest length that the formats allow: `2^20` tokens. A sequence is one Kafka record.
    public static final int LARGEST_LOG2 = 20;

    public Buckets {
        if (minLog2 < 0 || minLog2 > maxLog2 || maxLog2 > LARGEST_LOG2) {
            throw new InvalidException("bucket.log2 must satisfy 0 <= min <= max <= " + LARGEST_LOG2 + ", but was min="
                    + minLog2 + ", max=" + maxLog2);
        }
    }

    /// From two lengths in tokens, each a power of two.
    public static Buckets ofLengths(long minLength, long maxLength) {
        return new Buckets(log2("min", minLength), log2("max", maxLength));
    }

    public int count() {
        return maxLog2 - minLog2 + 1;
    }

    public int maxLength() {
        return 1 << maxLog2;
    }

    public int minLength() {
        return 1 << minLog2;
    }

    public boolean contains(int log2) {
        return log2 >= minLog2 && log2 <= maxLog2;
    }

    public boolean contains(Buckets other) {
        return contains(other.minLog2) && contains(other.maxLog2);
    }

    @Override
    public String toString() {
        return minLength() + ".." + maxLength();
    }

    private static int log2(String name, long length) {
        if (length <= 0 || length > 1L << LARGEST_LOG2 || Long.bitCount(length) != 1) {
            throw new InvalidException(name + "-length must be a power of two between 1 and " + (1 << LARGEST_LOG2)
                    + ", but was " + length);
        }
        return Long.numberOfTrailingZeros(length);
    }
}
