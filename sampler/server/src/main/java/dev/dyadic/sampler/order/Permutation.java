package dev.dyadic.sampler.order;

import dev.dyadic.proto.SplitMix64;

/// A keyed permutation of `[0, n)` that is computed, not stored, and can be inverted. See docs/order.md, "Permutation".
///
/// A generalized Feistel network over pairs `(l, r)` with `l < a`, `r < b`, where `a` is the square root of `n` rounded
/// up and `b` is `n / a` rounded up (Black and Rogaway, CT-RSA 2002, section 5), with cycle walking for the fewer than
/// `a` points that lie outside `[0, n)`.
final class Permutation {
    private static final int ROUNDS = 6;

    private final long n;
    private final long a;
    private final long b;
    private final long[] keys = new long[ROUNDS];

    Permutation(long n, long key) {
        if (n < 1 || n > 1L << 48) {
            throw new IllegalArgumentException("permutation.n must be between 1 and 2^48, but was " + n);
        }
        this.n = n;
        this.a = ceilSqrt(n);
        this.b = Math.ceilDiv(n, a);
        for (int round = 0; round < ROUNDS; round++) {
            keys[round] = SplitMix64.key(key, round);
        }
    }

    /// What stands at this place after shuffling.
    long apply(long index) {
        check(index);
        long x = index;
        do {
            long l = x / b;
            long r = x % b;
            for (int round = 0; round < ROUNDS; round += 2) {
                l = plus(l, noise(keys[round], r, a), a);
                r = plus(r, noise(keys[round + 1], l, b), b);
            }
            x = l * b + r;
        } while (x >= n);
        return x;
    }

    /// The place where this stands after shuffling: `invert(apply(x)) == x`.
    long invert(long value) {
        check(value);
        long x = value;
        do {
            long l = x / b;
            long r = x % b;
            for (int round = ROUNDS - 2; round >= 0; round -= 2) {
                r = plus(r, b - noise(keys[round + 1], l, b), b);
                l = plus(l, a - noise(keys[round], r, a), a);
            }
            x = l * b + r;
        } while (x >= n);
        return x;
    }

    private void check(long index) {
        if (index < 0 || index >= n) {
            throw new IllegalArgumentException("index must be between 0 and " + (n - 1) + ", but was " + index);
        }
    }

    /// A number in `[0, modulus)` that depends on key and half: the upper 64 bits of a 128-bit product.
    private static long noise(long key, long half, long modulus) {
        return Math.unsignedMultiplyHigh(SplitMix64.key(key, half), modulus);
    }

    private static long plus(long x, long y, long modulus) {
        long sum = x + y;
        return sum >= modulus ? sum - modulus : sum;
    }

    private static long ceilSqrt(long n) {
        long root = (long) Math.sqrt((double) n);
        while (root * root < n) {
            root++;
        }
        while ((root - 1) * (root - 1) >= n) {
            root--;
        }
        return root;
    }
}
