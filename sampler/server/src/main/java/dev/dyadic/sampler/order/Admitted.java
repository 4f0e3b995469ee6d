package dev.dyadic.sampler.order;

import java.util.Arrays;
import java.util.List;

/// Rows of a pool that a run has admitted since its start, per partition: how many, and the sum of their digests.
public final class Admitted {
    private final long[] rows;
    private final long[] digests;
    private final long total;

    Admitted(long[] rows, long[] digests) {
        this.rows = rows;
        this.digests = digests;
        this.total = Arrays.stream(rows).sum();
    }

    static Admitted none(int partitions) {
        return new Admitted(new long[partitions], new long[partitions]);
    }

    public int partitions() {
        return rows.length;
    }

    public long rows(int partition) {
        return rows[partition];
    }

    /// Sum, modulo 2^64, of the row digests. See docs/order.md, "Row digest".
    public long digest(int partition) {
        return digests[partition];
    }

    public long total() {
        return total;
    }

    /// Rows that came since.
    interface More {
        long rows(int partition);

        long digest(int partition);
    }

    Admitted plus(More more) {
        long[] moreRows = rows.clone();
        long[] moreDigests = digests.clone();
        for (int partition = 0; partition < rows.length; partition++) {
            moreRows[partition] += more.rows(partition);
            moreDigests[partition] += more.digest(partition);
        }
        return new Admitted(moreRows, moreDigests);
    }

    boolean isAtLeast(Admitted other) {
        for (int partition = 0; partition < rows.length; partition++) {
            if (rows[partition] < other.rows[partition]) {
                return false;
            }
        }
        return true;
    }

    List<Long> rowList() {
        return Arrays.stream(rows).boxed().toList();
    }

    List<Long> digestList() {
        return Arrays.stream(digests).boxed().toList();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Admitted admitted
                && Arrays.equals(rows, admitted.rows)
                && Arrays.equals(digests, admitted.digests);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(rows) * 31 + Arrays.hashCode(digests);
    }
}
