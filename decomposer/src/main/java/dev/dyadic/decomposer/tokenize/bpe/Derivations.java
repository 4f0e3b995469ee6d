package dev.dyadic.decomposer.tokenize.bpe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// How each token comes about from its symbols, when they are merged alone. Never changes.
///
/// A merge is *late* if its token can only come about when one of a higher rank has been made. Where no merge is
/// late, ranks are times: tokens stand side by side in an encoding exactly if their two neighbouring edges never
/// merged on the way, as what lies within a token is decided by the token alone. So a sequence of tokens is the
/// encoding of its text if each two neighbours are [compatible][#compatible], and every text has one such sequence.
/// (The argument is that of the "bpe" crate of GitHub, for merges in any order.)
final class Derivations {
    private static final int SYMBOL = -1;

    private final Merges merges;
    /// The rank that brought the token forth; below zero for symbols; `Merges.NONE` for those that merges never give.
    private final int[] ranks;
    private final int[] left;
    private final int[] right;
    private final List<Integer> late;

    /// @param tokens number of ids
    /// @param symbols ids that texts consist of before anything is merged
    Derivations(Merges merges, MergeList list, int tokens, int[] symbols) {
        this.merges = merges;
        this.ranks = new int[tokens];
        this.left = new int[tokens];
        this.right = new int[tokens];
        Arrays.fill(ranks, Merges.NONE);
        for (int symbol : symbols) {
            ranks[symbol] = SYMBOL;
        }
        for (int i = 0; i < list.size(); i++) {
            int a = list.left(i);
            int b = list.right(i);
            int rank = list.rank(i);
            int merged = list.merged(i);
            boolean possible = ranks[a] < rank && ranks[b] < rank && merges.rank(a, b) == rank;
            if (possible && ranks[merged] == Merges.NONE && meet(a, b, rank)) {
                ranks[merged] = rank;
                left[merged] = a;
                right[merged] = b;
            }
        }
        this.late = late(list);
    }

    /// The indices of late merges.
    List<Integer> late() {
        return late;
    }

    /// Whether merging the token's symbols gives the token.
    boolean exists(int token) {
        return ranks[token] != Merges.NONE;
    }

    /// Whether both stand side by side in the encoding of their text.
    boolean compatible(int a, int b) {
        return merges.rank(a, b) == Merges.NONE && meet(a, b, Merges.NONE);
    }

    /// Whether the tokens still stand side by side when the merges below `until` are done, apart from their own.
    private boolean meet(int a, int b, int until) {
        int leftEdge = a;
        int rightEdge = b;
        int leftUntil = until;
        int rightUntil = until;
        while (true) {
            // The later one is undone first; of two that came with one rank, that is the right one.
            int leftRank = ranks[leftEdge];
            int rightRank = ranks[rightEdge];
            if (leftRank == SYMBOL && rightRank == SYMBOL) {
                return true;
            }
            if (leftRank > rightRank) {
                leftUntil = leftRank;
                leftEdge = right[leftEdge];
            } else {
                rightUntil = rightRank;
                rightEdge = left[rightEdge];
            }
            int rank = merges.rank(leftEdge, rightEdge);
            // Of equal ranks, what is further left merges first.
            if (rank < leftUntil && rank <= rightUntil && rank != Merges.NONE) {
                return false;
            }
        }
    }

    private List<Integer> late(MergeList list) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            int a = list.left(i);
            int b = list.right(i);
            if (!exists(list.merged(i)) && exists(a) && exists(b) && meet(a, b, Merges.NONE)) {
                found.add(i);
            }
        }
        return List.copyOf(found);
    }
}
