package dev.dyadic.decomposer.tokenize.bpe;

/// Whether pairs of tokens that were seen lately are compatible. Not safe for use by several threads.
final class PairCache {
    private static final int PLACE_BITS = 17;
    private static final int TOKEN_BITS = 31;

    /// The pair, one bit, and a bit that tells an entry from none.
    private final long[] entries = new long[1 << PLACE_BITS];

    /// @return 1: compatible; 0: not; -1: not known
    int find(int left, int right) {
        long entry = entries[place(left, right)];
        long key = key(left, right);
        return entry == (key | 1) ? 1 : entry == key ? 0 : -1;
    }

    void keep(int left, int right, boolean compatible) {
        entries[place(left, right)] = key(left, right) | (compatible ? 1 : 0);
    }

    /// Never 0, as the left token is counted from one.
    private static long key(int left, int right) {
        return (((left + 1L) << TOKEN_BITS) | right) << 1;
    }

    private static int place(int left, int right) {
        return (int) ((key(left, right) * 0x9E3779B97F4A7C15L) >>> (Long.SIZE - PLACE_BITS));
    }
}
