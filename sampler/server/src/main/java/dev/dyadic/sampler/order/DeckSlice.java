package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import java.util.List;

/// What a cycle deals of one bucket: steps `[firstStep, endStep)` of the shuffled ranges.
///
/// @param key of the permutation
/// @param ranges in the order of their sources
public record DeckSlice(Bucket bucket, long key, List<RowRange> ranges, long firstStep, long endStep) {
    public DeckSlice {
        ranges = List.copyOf(ranges);
        if (firstStep < 0 || firstStep > endStep) {
            throw new IllegalArgumentException(
                    "deck must satisfy 0 <= first step <= end step, but was " + firstStep + ", " + endStep);
        }
    }

    public long rows() {
        return ranges.stream().mapToLong(RowRange::rows).sum();
    }

    /// Whether a row of a pool is in its ranges.
    boolean has(String source, long row) {
        return ranges.stream()
                .anyMatch(range -> range.source().equals(source) && row >= range.from() && row < range.to());
    }

    public long steps() {
        return endStep - firstStep;
    }
}
