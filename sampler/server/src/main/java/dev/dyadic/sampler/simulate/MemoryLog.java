package dev.dyadic.sampler.simulate;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.sampler.order.Availability;
import dev.dyadic.sampler.order.PoolKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/// The length topics in memory, one split. Offsets have gaps, as transaction markers make them.
public final class MemoryLog {
    private record Place(Bucket bucket, int partition) {}

    private record Pool(PoolKey key, int partition) {}

    /// Offsets of a pool's rows on a partition, and sums of their digests.
    private static final class Rows {
        private final List<Long> offsets = new ArrayList<>();
        private final List<Long> digestSums = new ArrayList<>();

        int before(long offset) {
            int low = 0;
            int high = offsets.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (offsets.get(middle) < offset) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        long digestSum(int end) {
            return end == 0 ? 0 : digestSums.get(end - 1);
        }
    }

    private static final Rows NONE = new Rows();

    private final Map<Pool, Rows> pools = new HashMap<>();
    private final Map<Place, Long> ends = new HashMap<>();
    private final NavigableMap<Bucket, NavigableMap<String, Long>> sources = new TreeMap<>();

    public void append(Bucket bucket, int partition, String source, SplitMix64 random) {
        long offset = end(bucket, partition) + random.nextBelow(3);
        Rows rows = pools.computeIfAbsent(new Pool(new PoolKey(bucket, source), partition), _ -> new Rows());
        rows.digestSums.add(rows.digestSum(rows.offsets.size()) + random.next());
        rows.offsets.add(offset);
        ends.put(new Place(bucket, partition), offset + 1);
        sources.computeIfAbsent(bucket, _ -> new TreeMap<>()).putIfAbsent(source, offset);
    }

    public long end(Bucket bucket, int partition) {
        return ends.getOrDefault(new Place(bucket, partition), 0L);
    }

    /// Offset of a row.
    ///
    /// @param ordinal among the pool's rows on the partition from `from` on
    long offset(PoolKey pool, int partition, long from, long ordinal) {
        Rows rows = pools.getOrDefault(new Pool(pool, partition), NONE);
        return rows.offsets.get(rows.before(from) + (int) ordinal);
    }

    /// What a replica has read of it.
    public static final class View implements Availability {
        private final MemoryLog log;
        private final Map<Place, Long> read = new HashMap<>();

        View(MemoryLog log) {
            this.log = log;
        }

        /// Reads on, somewhere up to the end.
        void readSome(Buckets buckets, int partitions, SplitMix64 random) {
            for (Bucket bucket : buckets) {
                for (int partition = 0; partition < partitions; partition++) {
                    long from = endOffset(bucket, partition);
                    long more = log.end(bucket, partition) - from;
                    read.put(new Place(bucket, partition), from + random.nextBelow(more + 1));
                }
            }
        }

        void readAll() {
            read.putAll(log.ends);
        }

        @Override
        public long endOffset(Bucket bucket, int partition) {
            return read.getOrDefault(new Place(bucket, partition), 0L);
        }

        @Override
        public Set<String> sources(Bucket bucket) {
            return log.sources.getOrDefault(bucket, new TreeMap<>()).keySet();
        }

        @Override
        public long rows(PoolKey pool, int partition, long from, long to) {
            Rows rows = log.pools.getOrDefault(new Pool(pool, partition), NONE);
            return (long) rows.before(to) - rows.before(from);
        }

        @Override
        public long digest(PoolKey pool, int partition, long from, long to) {
            Rows rows = log.pools.getOrDefault(new Pool(pool, partition), NONE);
            return rows.digestSum(rows.before(to)) - rows.digestSum(rows.before(from));
        }
    }
}
