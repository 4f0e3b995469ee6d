package dev.dyadic.proto;

/// One length of sequences, `2^log2` tokens, and all that has it: `D_i` in the paper, with `i = log2`.
public record Bucket(int log2) implements Comparable<Bucket> {
    /// Longest length that the formats allow: `2^20` tokens. A sequence is one Kafka record.
    public static final int LARGEST_LOG2 = 20;

    private static final Bucket[] ALL = new Bucket[LARGEST_LOG2 + 1];

    static {
        for (int log2 = 0; log2 <= LARGEST_LOG2; log2++) {
            ALL[log2] = new Bucket(log2);
        }
    }

    public Bucket {
        if (log2 < 0 || log2 > LARGEST_LOG2) {
            throw new InvalidException("bucket.log2 must be between 0 and " + LARGEST_LOG2 + ", but was " + log2);
        }
    }

    /// The bucket of this exponent, without making a new object.
    public static Bucket of(int log2) {
        return log2 < 0 || log2 > LARGEST_LOG2 ? new Bucket(log2) : ALL[log2];
    }

    /// @param name of the setting, for the message
    /// @param length in tokens, a power of two
    public static Bucket ofLength(String name, long length) {
        if (length <= 0 || length > 1L << LARGEST_LOG2 || Long.bitCount(length) != 1) {
            throw new InvalidException(
                    name + " must be a power of two between 1 and " + (1 << LARGEST_LOG2) + ", but was " + length
                            + "; the nearest is "
                            + OfferedNumbers.text(Math.min(1L << LARGEST_LOG2, OfferedNumbers.nearestPower(length))));
        }
        return of(Long.numberOfTrailingZeros(length));
    }

    /// The longest bucket of at most so many tokens.
    ///
    /// @param tokens at least 1
    public static Bucket longestWithin(int tokens) {
        if (tokens < 1) {
            throw new IllegalArgumentException("tokens must be at least 1, but was " + tokens);
        }
        return of(Math.min(LARGEST_LOG2, Integer.SIZE - 1 - Integer.numberOfLeadingZeros(tokens)));
    }

    /// Positions of a sequence.
    public int length() {
        return 1 << log2;
    }

    /// Positions that so many rows of this length have.
    public long positions(long rows) {
        return rows << log2;
    }

    /// Whole rows of this length in so many positions.
    public long rows(long positions) {
        return positions >>> log2;
    }

    @Override
    public int compareTo(Bucket other) {
        return Integer.compare(log2, other.log2);
    }

    /// The length, as people say it.
    @Override
    public String toString() {
        return Integer.toString(length());
    }
}
