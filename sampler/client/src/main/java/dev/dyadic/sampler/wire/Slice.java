package dev.dyadic.sampler.wire;

import dev.dyadic.proto.InvalidException;
import java.util.ArrayList;
import java.util.List;

/// Rows `[first, end)` of a step: what a rank, or a micro-batch of one, fetches. Any cut of a step is fine, and may be
/// another one at every step: digests of slices add up to that of the step.
public record Slice(int first, int end) {
    public Slice {
        if (first < 0 || first > end) {
            throw new InvalidException("rows must satisfy 0 <= first <= end, but were first=" + first + ", end=" + end);
        }
    }

    /// Rank `r` of `w` has rows `[r * n / w, (r + 1) * n / w)`: shares differ by one row at most.
    ///
    /// @param rows in the step
    public static Slice ofRank(int rank, int world, int rows) {
        if (world < 1 || rank < 0 || rank >= world) {
            throw new InvalidException(
                    "rank must satisfy 0 <= rank < world, but was rank=" + rank + ", world=" + world);
        }
        return new Slice((int) ((long) rank * rows / world), (int) ((rank + 1L) * rows / world));
    }

    /// Shares in proportion to weights, for ranks of unequal speed.
    ///
    /// @param weights one for each rank, at least 0, not all 0
    public static Slice ofRank(int rank, List<Integer> weights, int rows) {
        long sum = 0;
        long before = 0;
        for (int i = 0; i < weights.size(); i++) {
            if (weights.get(i) < 0) {
                throw new InvalidException("weights must be at least 0, but one was " + weights.get(i));
            }
            before += i < rank ? weights.get(i) : 0;
            sum += weights.get(i);
        }
        if (rank < 0 || rank >= weights.size() || sum == 0) {
            throw new InvalidException("rank must satisfy 0 <= rank < " + weights.size()
                    + ", and some weight be above 0, but rank was " + rank + " and weights " + weights);
        }
        return new Slice((int) (before * rows / sum), (int) ((before + weights.get(rank)) * rows / sum));
    }

    public int rows() {
        return end - first;
    }

    /// Cut into micro-batches of at most so many rows.
    public List<Slice> micro(int maxRows) {
        if (maxRows < 1) {
            throw new InvalidException("a micro-batch must have at least 1 row, but was " + maxRows);
        }
        List<Slice> parts = new ArrayList<>();
        for (int from = first; from < end; from = parts.getLast().end()) {
            parts.add(new Slice(from, from + Math.min(maxRows, end - from)));
        }
        return parts;
    }

    /// World sizes with which all ranks have the same number of rows in every step of a run: the divisors of the rows
    /// that a step of the longest length has. Others work too; their ranks differ by one row.
    ///
    /// @param maxLength of the run
    public static List<Integer> evenWorlds(long tokensPerStep, long maxLength) {
        if (maxLength < 1 || tokensPerStep < maxLength || tokensPerStep % maxLength != 0) {
            throw new InvalidException("tokens per step must be a multiple of the longest length " + maxLength
                    + ", but were " + tokensPerStep);
        }
        int rows = Math.toIntExact(tokensPerStep / maxLength);
        List<Integer> worlds = new ArrayList<>();
        for (int world = 1; world <= rows; world++) {
            if (rows % world == 0) {
                worlds.add(world);
            }
        }
        return worlds;
    }
}
