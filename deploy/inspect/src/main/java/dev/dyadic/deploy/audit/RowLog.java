package dev.dyadic.deploy.audit;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Split;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The rows of a corpus as an audit keeps them: 24 bytes each, by pool and partition, in the order of their offsets.
final class RowLog {
    private record Key(Bucket bucket, String source, Split split, int partition) {}

    private final Map<Key, Rows> pools = new HashMap<>();
    private final Map<Bucket, Set<String>> sources = new TreeMap<>();

    /// Rows of one pool on one partition.
    static final class Rows {
        private long[] offsets = new long[16];
        private long[] contentHashes = new long[16];
        private long[] digestSums = new long[16];
        private int count;

        void add(long offset, long contentHash, long rowDigest) {
            if (count == offsets.length) {
                offsets = Arrays.copyOf(offsets, count * 2);
                contentHashes = Arrays.copyOf(contentHashes, count * 2);
                digestSums = Arrays.copyOf(digestSums, count * 2);
            }
            offsets[count] = offset;
            contentHashes[count] = contentHash;
            digestSums[count] = (count == 0 ? 0 : digestSums[count - 1]) + rowDigest;
            count++;
        }

        int before(long offset) {
            int found = Arrays.binarySearch(offsets, 0, count, offset);
            return found < 0 ? -found - 1 : found;
        }

        long digestSum(int end) {
            return end == 0 ? 0 : digestSums[end - 1];
        }

        int count() {
            return count;
        }

        long offset(int row) {
            return offsets[row];
        }

        long contentHash(int row) {
            return contentHashes[row];
        }
    }

    private static final Rows NONE = new Rows();

    void add(Bucket bucket, String source, Split split, int partition, long offset, long contentHash, long rowDigest) {
        pools.computeIfAbsent(new Key(bucket, source, split, partition), _ -> new Rows())
                .add(offset, contentHash, rowDigest);
        sources.computeIfAbsent(bucket, _ -> new TreeSet<>()).add(source);
    }

    Rows rows(Bucket bucket, String source, Split split, int partition) {
        return pools.getOrDefault(new Key(bucket, source, split, partition), NONE);
    }

    Set<String> sources(Bucket bucket) {
        return sources.getOrDefault(bucket, Set.of());
    }
}
