package dev.dyadic.decomposer.tokenize.bpe;

import java.util.Arrays;

/// Which two tokens merge into which, and in which order of preference: an open-addressing table of pairs. Never
/// changes.
final class Merges {
    /// The rank of a pair that does not merge; all others are below it.
    static final int NONE = Integer.MAX_VALUE;

    private static final long EMPTY = -1;

    private final long[] pairs;
    private final int[] ranks;
    private final int[] merged;
    private final int mask;

    Merges(MergeList list) {
        int capacity = Integer.highestOneBit(Math.max(8, list.size()) * 2 - 1) * 2;
        pairs = new long[capacity];
        Arrays.fill(pairs, EMPTY);
        ranks = new int[capacity];
        merged = new int[capacity];
        mask = capacity - 1;
        for (int i = 0; i < list.size(); i++) {
            int at = slot(list.left(i), list.right(i));
            // Of two merges of the same pair the last one counts, as in the Hugging Face library.
            pairs[at] = pair(list.left(i), list.right(i));
            ranks[at] = list.rank(i);
            merged[at] = list.merged(i);
        }
    }

    int rank(int left, int right) {
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

    private int slot(int left, int right) {
        long pair = pair(left, right);
        long mixed = pair * 0x9E3779B97F4A7C15L;
        int at = (int) (mixed ^ (mixed >>> 32)) & mask;
        while (pairs[at] != pair && pairs[at] != EMPTY) {
            at = (at + 1) & mask;
        }
        return at;
    }
}
