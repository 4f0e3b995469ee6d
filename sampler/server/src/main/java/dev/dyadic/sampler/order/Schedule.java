package dev.dyadic.sampler.order;

import com.dynatrace.hash4j.hashing.HashStream64;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.proto.Weighting;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;

/// Which bucket each step of a cycle has: algorithm 1 of the paper. Recomputed, not stored. See docs/order.md,
/// "Schedule".
///
/// One byte a step, and one count per bucket every `BLOCK` steps.
public final class Schedule {
    private static final int BLOCK = 256;
    private static final int MAX_STEPS = Integer.MAX_VALUE - BLOCK;

    private final Buckets buckets;
    private final byte[] log2s;
    private final int[][] drawnBefore;

    private Schedule(Buckets buckets, byte[] log2s, int[][] drawnBefore) {
        this.buckets = buckets;
        this.log2s = log2s;
        this.drawnBefore = drawnBefore;
    }

    /// Draws until every bucket is exhausted.
    ///
    /// @param steps of each bucket in this cycle, shortest first
    /// @param key of the generator
    public static Schedule draw(Buckets buckets, long[] steps, List<BigInteger> odds, Weighting weighting, long key) {
        Drawing drawing = new Drawing(steps, odds, weighting, key);
        byte[] log2s = new byte[total(steps)];
        int[][] drawnBefore = new int[Math.ceilDiv(log2s.length, BLOCK)][];
        for (int step = 0; step < log2s.length; step++) {
            if (step % BLOCK == 0) {
                drawnBefore[step / BLOCK] = drawing.drawn.clone();
            }
            log2s[step] = (byte) (buckets.minLog2() + drawing.next());
        }
        return new Schedule(buckets, log2s, drawnBefore);
    }

    /// The digest of what [#draw] draws, in constant memory.
    public static long digest(Buckets buckets, long[] steps, List<BigInteger> odds, Weighting weighting, long key) {
        Drawing drawing = new Drawing(steps, odds, weighting, key);
        HashStream64 hash = Digests.xxh64Stream();
        byte[] block = new byte[BLOCK];
        for (int left = total(steps); left > 0; left -= BLOCK) {
            int count = Math.min(left, BLOCK);
            for (int i = 0; i < count; i++) {
                block[i] = (byte) (buckets.minLog2() + drawing.next());
            }
            hash.putBytes(block, 0, count);
        }
        return hash.getAsLong();
    }

    private static int total(long[] steps) {
        long total = Arrays.stream(steps).sum();
        if (total > MAX_STEPS) {
            throw new InvalidException(
                    "a cycle must have at most " + MAX_STEPS + " steps, but has " + total + ": use more cycles");
        }
        return (int) total;
    }

    public int steps() {
        return log2s.length;
    }

    public Bucket bucketAt(int step) {
        return Bucket.of(log2s[step]);
    }

    /// How many steps before this one have the same bucket.
    int sameBefore(int step) {
        return drawnBefore(step, bucketAt(step));
    }

    /// How many steps before this one have the bucket.
    int drawnBefore(int step, Bucket bucket) {
        int block = step / BLOCK;
        int count = drawnBefore[block][buckets.indexOf(bucket)];
        for (int i = block * BLOCK; i < step; i++) {
            if (log2s[i] == bucket.log2()) {
                count++;
            }
        }
        return count;
    }

    /// The step that is the `nth` of its bucket, from 0: the inverse of [#sameBefore].
    int stepOf(Bucket bucket, long nth) {
        int index = buckets.indexOf(bucket);
        int low = 0;
        int high = drawnBefore.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (drawnBefore[middle][index] <= nth) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        long left = nth - drawnBefore[low][index];
        for (int step = low * BLOCK; step < log2s.length; step++) {
            if (log2s[step] == bucket.log2() && left-- == 0) {
                return step;
            }
        }
        throw new IllegalArgumentException("length " + bucket + " has no step " + nth + " in this cycle");
    }

    /// XXH64 of one byte a step.
    public long digest() {
        return Digests.xxh64(log2s);
    }

    /// Goes through a cycle's steps, one bucket after the other.
    private static final class Drawing {
        private final long[] left;
        private final int[] drawn;
        private final Draw draw;

        Drawing(long[] steps, List<BigInteger> odds, Weighting weighting, long key) {
            BigInteger[] weights = new BigInteger[steps.length];
            for (int i = 0; i < steps.length; i++) {
                BigInteger factor =
                        weighting == Weighting.ODDS_TIMES_STEPS ? BigInteger.valueOf(steps[i]) : BigInteger.ONE;
                weights[i] = steps[i] == 0 ? BigInteger.ZERO : odds.get(i).multiply(factor);
            }
            left = steps.clone();
            drawn = new int[steps.length];
            draw = new Draw(weights, new SplitMix64(key));
        }

        int next() {
            int bucket = draw.next();
            drawn[bucket]++;
            left[bucket]--;
            if (left[bucket] == 0) {
                draw.exhaust(bucket);
            }
            return bucket;
        }
    }

    /// Draws buckets by weight, with exact integers: in 64 bits while the total fits, beyond that with big ones. Both
    /// ways draw the same.
    private static final class Draw {
        private static final int FAST_BITS = 62;

        private final BigInteger[] weights;
        private final long[] fastWeights;
        private final SplitMix64 random;
        private BigInteger total = BigInteger.ZERO;
        private long fastTotal;

        Draw(BigInteger[] weights, SplitMix64 random) {
            this.weights = weights;
            this.random = random;
            this.fastWeights = new long[weights.length];
            sum();
        }

        int next() {
            return total.bitLength() <= FAST_BITS ? nextFast() : nextBig();
        }

        void exhaust(int bucket) {
            weights[bucket] = BigInteger.ZERO;
            sum();
        }

        private void sum() {
            total = Arrays.stream(weights).reduce(BigInteger.ZERO, BigInteger::add);
            if (total.bitLength() <= FAST_BITS) {
                fastTotal = total.longValueExact();
                for (int i = 0; i < weights.length; i++) {
                    fastWeights[i] = weights[i].longValueExact();
                }
            }
        }

        private int nextFast() {
            long draw = random.nextBelow(fastTotal);
            int bucket = 0;
            while (draw >= fastWeights[bucket]) {
                draw -= fastWeights[bucket];
                bucket++;
            }
            return bucket;
        }

        private int nextBig() {
            BigInteger draw = nextBelow(total);
            int bucket = 0;
            while (draw.compareTo(weights[bucket]) >= 0) {
                draw = draw.subtract(weights[bucket]);
                bucket++;
            }
            return bucket;
        }

        /// Words of 64 bits, most significant first, as many as hold `bound - 1`; the lowest bits of the number they
        /// make; again while too large.
        private BigInteger nextBelow(BigInteger bound) {
            int bits = bound.subtract(BigInteger.ONE).bitLength();
            int words = Math.ceilDiv(bits, Long.SIZE);
            BigInteger mask = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
            while (true) {
                BigInteger draw = BigInteger.ZERO;
                for (int word = 0; word < words; word++) {
                    draw = draw.shiftLeft(Long.SIZE).or(unsigned(random.next()));
                }
                draw = draw.and(mask);
                if (draw.compareTo(bound) < 0) {
                    return draw;
                }
            }
        }

        private static BigInteger unsigned(long word) {
            BigInteger value = BigInteger.valueOf(word);
            return word < 0 ? value.add(BigInteger.ONE.shiftLeft(Long.SIZE)) : value;
        }
    }
}
