package dev.dyadic.decomposer.tokenize.bpe;

import java.util.Arrays;

/// Which two tokens merge into which, and in which order of preference: an open-addressing table of pairs. Before it
/// stands a filter that is small enough to stay near the processor, as most pairs that are asked for do not merge.
/// Never changes.
final class Merges {
    /// The rank of a pair that does not merge; all others are below it.
    static final int NONE = Integer.MAX_VALUE;

    private static final long EMPTY = -1;
    private static final int FILTER_BITS_PER_PLACE = 16;
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private final long[] pairs;
    private final int[] ranks;
    private final int[] merged;
    private final int mask;
    /// A bit for the topmost bits of the hash of each pair that merges.
    private final long[] filter;

    private final int filterShift;

    Merges(MergeList list) {
        int capacity = Integer.highestOneBit(Math.max(8, list.size()) * 2 - 1) * 2;
        pairs = new long[capacity];
        Arrays.fill(pairs, EMPTY);
        ranks = new int[capacity];
        merged = new int[capacity];
        mask = capacity - 1;
        filter = new long[capacity * FILTER_BITS_PER_PLACE / Long.SIZE];
        filterShift = Integer.numberOfLeadingZeros(capacity * FILTER_BITS_PER_PLACE) + 1 + Integer.SIZE;
        for (int i = 0; i < list.size(); i++) {
            int at = slot(list.left(i), list.right(i));
            int bit = filterBit(mixed(pair(list.left(i), list.right(i))));
            filter[bit / Long.SIZE] |= 1L << bit;
            // Of two merges of the same pair the last one counts, as in the Hugging Face library.
            pairs[at] = pair(list.left(i), list.right(i));
            ranks[at] = list.rank(i);
            merged[at] = list.merged(i);
        }
    }

    int rank(int left, int right) {
        int bit = filterBit(mixed(pair(left, right)));
        if ((filter[bit / Long.SIZE] & (1L << bit)) == 0) {
            return NONE;
        }
        int at = slot(left, right);
        return pairs[at] == EMPTY ? NONE : ranks[at];
    }

    /// The token that two become that merge.
    int merged(int left, int right) {
        return merged[slot(left, right)];
    }

    private static long pair(int left, int right) {
        return ((long) left << 32) | right;
    }

    private static long mixed(long pair) {
        return pair * MIX;
    }

    private int filterBit(long mixed) {
        return (int) (mixed >>> filterShift);
    }

    private int slot(int left, int right) {
        long pair = pair(left, right);
        long mixed = mixed(pair);
        int at = (int) (mixed ^ (mixed >>> 32)) & mask;
        while (pairs[at] != pair && pairs[at] != EMPTY) {
            at = (at + 1) & mask;
        }
        return at;
    }
}
