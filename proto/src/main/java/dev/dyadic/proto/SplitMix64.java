package dev.dyadic.proto;

/// The one generator of the formats: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). Nothing depends on a JDK's
/// choices.
public final class SplitMix64 {
    /// The odd constant nearest to `2^64` over the golden ratio.
    public static final long GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    public SplitMix64(long seed) {
        this.state = seed;
    }

    /// The next 64 bits.
    public long next() {
        state += GAMMA;
        return mix(state);
    }

    /// Uniform in `[0, bound)`, `bound > 0`: draws the lowest bits that can hold `bound - 1`, and again while the draw
    /// is too large.
    public long nextBelow(long bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound must be positive, but was " + bound);
        }
        int bits = Long.SIZE - Long.numberOfLeadingZeros(bound - 1);
        if (bits == 0) {
            return 0;
        }
        long mask = -1L >>> (Long.SIZE - bits);
        while (true) {
            long draw = next() & mask;
            if (draw < bound) {
                return draw;
            }
        }
    }

    /// A bijection of 64 bits: the generator's output function.
    public static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /// `unkey(key(k, w), w) == k`.
    public static long unkey(long key, long word) {
        return (unmix(key) - GAMMA) ^ word;
    }

    /// The inverse of [#mix].
    static long unmix(long value) {
        long z = value ^ (value >>> 31) ^ (value >>> 62);
        z *= 0x319642B2D24D8EC3L;
        z = z ^ (z >>> 27) ^ (z >>> 54);
        z *= 0x96DE1B173F119089L;
        return z ^ (z >>> 30) ^ (z >>> 60);
    }

    /// A key that depends on every word and on their order.
    public static long key(long seed, long... words) {
        long key = seed;
        for (long word : words) {
            key = mix((key ^ word) + GAMMA);
        }
        return key;
    }
}
