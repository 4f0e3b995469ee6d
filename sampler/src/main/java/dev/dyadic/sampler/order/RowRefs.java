package dev.dyadic.sampler.order;

/// Which rows a slice of a step has, in order. A row is named by its pool, its partition, and how many rows of that
/// pool
/// the run has on that partition before it.
public final class RowRefs {
    private final int log2;
    private final String[] sources;
    private final int[] partitions;
    private final long[] ordinals;

    RowRefs(int log2, int count) {
        this.log2 = log2;
        this.sources = new String[count];
        this.partitions = new int[count];
        this.ordinals = new long[count];
    }

    void set(int index, String source, int partition, long ordinal) {
        sources[index] = source;
        partitions[index] = partition;
        ordinals[index] = ordinal;
    }

    public int log2() {
        return log2;
    }

    public int count() {
        return sources.length;
    }

    public String source(int index) {
        return sources[index];
    }

    public int partition(int index) {
        return partitions[index];
    }

    public long ordinal(int index) {
        return ordinals[index];
    }
}
