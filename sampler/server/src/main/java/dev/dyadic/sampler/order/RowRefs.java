package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
/// Which rows a slice of a step has, in order. A row is named by its pool, its partition, and how many rows of that
/// pool the run has on that partition before it.

public final class RowRefs {
    private final Bucket bucket;
    private final int partCount;
    private final int[] parts;
    private final String[] sources;
    private final int[] partitions;
    private final long[] ordinals;

    /// @param partCount each row lies in one of so many parts of the deck; a part is of one pool and partition
    RowRefs(Bucket bucket, int count, int partCount) {
        this.bucket = bucket;
        this.partCount = partCount;
        this.parts = new int[count];
        this.sources = new String[count];
        this.partitions = new int[count];
        this.ordinals = new long[count];
    }

    void set(int index, int part, String source, int partition, long ordinal) {
        parts[index] = part;
        sources[index] = source;
        partitions[index] = partition;
        ordinals[index] = ordinal;
    }

    public Bucket bucket() {
        return bucket;
    }

    public int count() {
        return sources.length;
    }

    public int parts() {
        return partCount;
    }

    /// Rows of the same part are of the same pool and partition.
    public int part(int index) {
        return parts[index];
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
