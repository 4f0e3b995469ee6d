package dev.dyadic.decomposer.tokenize.bpe;

import java.util.Arrays;
import java.util.Collection;
import java.util.Set;

/// Merges as a vocabulary lists them, by rank.
public final class MergeList {
    private int[] left = new int[1024];
    private int[] right = new int[1024];
    private int[] merged = new int[1024];
    private int[] ranks = new int[1024];
    private int size;

    /// @param rank at least that of the merge before it
    public void add(int left, int right, int merged, int rank) {
        if (size == this.left.length) {
            int capacity = size * 2;
            this.left = Arrays.copyOf(this.left, capacity);
            this.right = Arrays.copyOf(this.right, capacity);
            this.merged = Arrays.copyOf(this.merged, capacity);
            ranks = Arrays.copyOf(ranks, capacity);
        }
        this.left[size] = left;
        this.right[size] = right;
        this.merged[size] = merged;
        ranks[size] = rank;
        size++;
    }

    int size() {
        return size;
    }

    int left(int index) {
        return left[index];
    }

    int right(int index) {
        return right[index];
    }

    int merged(int index) {
        return merged[index];
    }

    int rank(int index) {
        return ranks[index];
    }

    /// The list without the merges of these indices.
    MergeList without(Collection<Integer> indices) {
        Set<Integer> without = Set.copyOf(indices);
        MergeList rest = new MergeList();
        for (int i = 0; i < size; i++) {
            if (!without.contains(i)) {
                rest.add(left[i], right[i], merged[i], ranks[i]);
            }
        }
        return rest;
    }
}
