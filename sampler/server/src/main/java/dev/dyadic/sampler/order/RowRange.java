package dev.dyadic.sampler.order;

/// Rows `[from, to)` of a pool, in the pool's order.
public record RowRange(String source, long from, long to) {
    public RowRange {
        if (from < 0 || from > to) {
            throw new IllegalArgumentException(
                    "range must satisfy 0 <= from <= to, but was from=" + from + ", to=" + to);
        }
    }

    public long rows() {
        return to - from;
    }
}
