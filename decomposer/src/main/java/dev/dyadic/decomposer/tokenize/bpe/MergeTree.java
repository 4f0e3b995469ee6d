package dev.dyadic.decomposer.tokenize.bpe;

import java.util.Arrays;

/// Merges the symbols of one piece as the definition says, whatever the merges are: of all neighbours that merge, those
/// with the least rank do, of equal ones the first, until none is left. Takes time n log n and some 8.5 bytes a symbol
/// beside the symbols themselves. Not safe for use by several threads.
///
/// Token i begins at symbol i. A tree has the least rank of every block of symbols.
final class MergeTree {
    private static final int BLOCK_BITS = 4;
    private static final int BLOCK = 1 << BLOCK_BITS;
    private static final int KEPT = 1 << 16;

    private final Merges merges;
    /// The token that begins here, at `start + i`.
    private int[] ids = new int[0];
    private int start;
    /// At a token's first symbol its end; at its last symbol, where that is another, its beginning.
    private int[] links = new int[BLOCK];
    /// The rank of a token with the one behind it, at its first symbol.
    private int[] ranks = new int[BLOCK];
    /// The least rank of each block from `leaves` on, and in front of them of two each: node 1 is the root.
    private int[] least = new int[2];
    private int leaves;
    private int size;

    MergeTree(Merges merges) {
        this.merges = merges;
    }

    /// Merges the symbols `[start, start + size)` of the array, in place.
    ///
    /// @return number of tokens that are left, from `start` on
    int merge(int[] symbols, int start, int size) {
        this.ids = symbols;
        this.start = start;
        this.size = size;
        prepare();
        while (least[1] != Merges.NONE) {
            mergeAt(firstLeast());
        }
        int count = 0;
        for (int i = 0; i < size; i = links[i]) {
            ids[start + count++] = ids[start + i];
        }
        ids = new int[0];
        if (links.length > KEPT) {
            links = new int[BLOCK];
            ranks = new int[BLOCK];
            least = new int[2];
        }
        return count;
    }

    private void prepare() {
        if (links.length < size) {
            int capacity = size > KEPT ? size : Math.max(size, 2 * links.length);
            links = new int[capacity];
            ranks = new int[capacity];
        }
        int blocks = (size + BLOCK - 1) >> BLOCK_BITS;
        leaves = Math.max(1, Integer.highestOneBit(Math.max(1, blocks * 2 - 1)));
        if (least.length < 2 * leaves) {
            least = new int[2 * leaves];
        }
        for (int i = 0; i < size; i++) {
            links[i] = i + 1;
            ranks[i] = i + 1 < size ? merges.rank(ids[start + i], ids[start + i + 1]) : Merges.NONE;
        }
        Arrays.fill(least, leaves, 2 * leaves, Merges.NONE);
        for (int block = 0; block < blocks; block++) {
            least[leaves + block] = leastOf(block);
        }
        for (int node = leaves - 1; node > 0; node--) {
            least[node] = Math.min(least[2 * node], least[2 * node + 1]);
        }
    }

    private void mergeAt(int at) {
        int second = links[at];
        int end = links[second];
        ids[start + at] = merges.merged(ids[start + at], ids[start + second]);
        links[at] = end;
        links[end - 1] = at;
        set(second, Merges.NONE);
        set(at, end < size ? merges.rank(ids[start + at], ids[start + end]) : Merges.NONE);
        if (at > 0) {
            // A token of one symbol has its end where a longer one has its beginning.
            int before = links[at - 1] == at ? at - 1 : links[at - 1];
            set(before, merges.rank(ids[start + before], ids[start + at]));
        }
    }

    private int firstLeast() {
        int rank = least[1];
        int node = 1;
        while (node < leaves) {
            node = least[2 * node] == rank ? 2 * node : 2 * node + 1;
        }
        int at = (node - leaves) << BLOCK_BITS;
        while (ranks[at] != rank) {
            at++;
        }
        return at;
    }

    private void set(int at, int rank) {
        int before = ranks[at];
        ranks[at] = rank;
        int node = leaves + (at >> BLOCK_BITS);
        if (rank >= least[node] && before > least[node]) {
            return;
        }
        int found = leastOf(at >> BLOCK_BITS);
        while (least[node] != found) {
            least[node] = found;
            if (node == 1) {
                return;
            }
            found = Math.min(found, least[node ^ 1]);
            node >>= 1;
        }
    }

    private int leastOf(int block) {
        int found = Merges.NONE;
        int end = Math.min(size, (block + 1) << BLOCK_BITS);
        for (int i = block << BLOCK_BITS; i < end; i++) {
            found = Math.min(found, ranks[i]);
        }
        return found;
    }
}
