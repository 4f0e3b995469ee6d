package dev.dyadic.deploy.audit;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Split;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The rows of a corpus as an audit keeps them: 24 bytes each, on disk, by pool and partition, in the order of their
/// offsets.
final class RowLog {
    private record Key(Bucket bucket, String source, Split split, int partition) {}

    private final Spill spill;
    private final Rows none;
    private final Map<Key, Rows> pools = new HashMap<>();
    private final Map<Bucket, Set<String>> sources = new TreeMap<>();

    RowLog(Spill spill) {
        this.spill = spill;
        this.none = new Rows(spill);
    }

    /// Rows of one pool on one partition.
    static final class Rows {
        private static final int OFFSET = 0;
        private static final int CONTENT_HASH = 1;
        private static final int DIGEST_SUM = 2;
        private static final int FIELDS = 3;

        private final SpilledRecords records;

        private Rows(Spill spill) {
            this.records = new SpilledRecords(spill, FIELDS);
        }

        private void add(long offset, long contentHash, long rowDigest) {
            long sum = digestSum(records.count()) + rowDigest;
            long row = records.add();
            records.set(row, OFFSET, offset);
            records.set(row, CONTENT_HASH, contentHash);
            records.set(row, DIGEST_SUM, sum);
        }

        /// Rows with offsets below this one.
        long before(long offset) {
            long low = 0;
            long high = records.count();
            while (low < high) {
                long middle = (low + high) >>> 1;
                if (records.get(middle, OFFSET) < offset) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        /// Sum of the digests of rows `[0, end)`.
        long digestSum(long end) {
            return end == 0 ? 0 : records.get(end - 1, DIGEST_SUM);
        }

        long count() {
            return records.count();
        }

        long offset(long row) {
            return records.get(row, OFFSET);
        }

        long contentHash(long row) {
            return records.get(row, CONTENT_HASH);
        }
    }

    void add(Bucket bucket, String source, Split split, int partition, long offset, long contentHash, long rowDigest) {
        pools.computeIfAbsent(new Key(bucket, source, split, partition), _ -> new Rows(spill))
                .add(offset, contentHash, rowDigest);
        sources.computeIfAbsent(bucket, _ -> new TreeSet<>()).add(source);
    }

    Rows rows(Bucket bucket, String source, Split split, int partition) {
        return pools.getOrDefault(new Key(bucket, source, split, partition), none);
    }

    Set<String> sources(Bucket bucket) {
        return sources.getOrDefault(bucket, Set.of());
    }
}
