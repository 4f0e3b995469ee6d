package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.avro.Offsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// One Kafka offset for each bucket and partition. Never changes.
public final class Window {
    private final Buckets buckets;
    private final long[][] byBucket;

    private Window(Buckets buckets, long[][] byBucket) {
        this.buckets = buckets;
        this.byBucket = byBucket;
    }

    /// Where the offset of a bucket and partition comes from.
    @FunctionalInterface
    public interface Source {
        long offset(Bucket bucket, int partition);
    }

    public static Window of(Buckets buckets, int partitions, Source source) {
        long[][] offsets = new long[buckets.count()][partitions];
        for (int i = 0; i < offsets.length; i++) {
            for (int partition = 0; partition < partitions; partition++) {
                offsets[i][partition] = source.offset(buckets.get(i), partition);
            }
        }
        return new Window(buckets, offsets);
    }

    /// From a record; every bucket has to be there, with as many partitions.
    static Window of(Buckets buckets, int partitions, List<Offsets> records) {
        long[][] offsets = new long[buckets.count()][];
        for (Offsets record : records) {
            Bucket bucket = Bucket.of(record.getLog2());
            if (!buckets.contains(bucket)) {
                throw new IllegalArgumentException("offsets of a length outside " + buckets + ": " + bucket);
            }
            if (record.getOffsets().size() != partitions) {
                throw new IllegalArgumentException(
                        "offsets of " + record.getOffsets().size() + " partitions, but the corpus has " + partitions);
            }
            if (offsets[buckets.indexOf(bucket)] != null) {
                throw new IllegalArgumentException("offsets name length " + bucket + " twice");
            }
            offsets[buckets.indexOf(bucket)] =
                    record.getOffsets().stream().mapToLong(Long::longValue).toArray();
        }
        for (long[] ofBucket : offsets) {
            if (ofBucket == null) {
                throw new IllegalArgumentException("offsets must name every length of " + buckets);
            }
        }
        return new Window(buckets, offsets);
    }

    List<Offsets> toRecords() {
        return IntStream.range(0, byBucket.length)
                .mapToObj(i -> new Offsets(
                        buckets.get(i).log2(),
                        Arrays.stream(byBucket[i]).boxed().toList()))
                .toList();
    }

    public long get(Bucket bucket, int partition) {
        return byBucket[buckets.indexOf(bucket)][partition];
    }

    public int partitions() {
        return byBucket[0].length;
    }

    /// Whether no offset is below the other's.
    boolean isAtLeast(Window other) {
        for (int i = 0; i < byBucket.length; i++) {
            for (int partition = 0; partition < byBucket[i].length; partition++) {
                if (byBucket[i][partition] < other.byBucket[i][partition]) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Whether some offset is above the other's.
    public boolean isAfter(Window other) {
        return !other.isAtLeast(this);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Window offsets && Arrays.deepEquals(byBucket, offsets.byBucket);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(byBucket);
    }

    @Override
    public String toString() {
        return Arrays.deepToString(byBucket);
    }
}
