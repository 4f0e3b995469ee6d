package dev.dyadic.sampler.segments;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.DirectoryLock;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.avro.Sequence;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.order.Availability;
import dev.dyadic.sampler.order.PoolKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All rows that this replica has, in one directory that no other process uses at the same time.
public final class SegmentStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentStore.class);

    private final Buckets buckets;
    private final int partitions;
    private final PartitionStore[][] stores;
    private final DirectoryLock lock;
    private final DiskBudget disk;

    private SegmentStore(
            Buckets buckets, int partitions, PartitionStore[][] stores, DirectoryLock lock, DiskBudget disk) {
        this.disk = disk;
        this.buckets = buckets;
        this.partitions = partitions;
        this.stores = stores;
        this.lock = lock;
    }

    public static SegmentStore open(Path directory, Corpus corpus) {
        return open(directory, corpus, new DiskBudget(0));
    }

    /// Opens the rows of a corpus. Where one partition cannot be opened, nothing stays open or locked.
    public static SegmentStore open(Path directory, Corpus corpus, DiskBudget disk) {
        Buckets buckets = corpus.settings().buckets();
        int partitions = corpus.settings().partitions();
        SegmentStore store = new SegmentStore(
                buckets, partitions, new PartitionStore[buckets.count()][partitions], lock(directory), disk);
        try {
            for (Bucket bucket : buckets) {
                String topic = corpus.topics().sequences(bucket);
                String topicId = String.valueOf(corpus.topicIds().get(topic));
                for (int partition = 0; partition < partitions; partition++) {
                    store.stores[buckets.indexOf(bucket)][partition] = PartitionStore.open(
                            new PartitionStore.Place(
                                    directory.resolve(topic).resolve(Integer.toString(partition)), bucket, partition),
                            topicId,
                            corpus.settings().rowBytes(bucket),
                            disk);
                }
            }
            return store;
        } catch (Throwable e) {
            try {
                store.close();
            } catch (StorageException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    public PartitionStore partition(Bucket bucket, int partition) {
        return stores[buckets.indexOf(bucket)][partition];
    }

    public DiskBudget disk() {
        return disk;
    }

    public Buckets buckets() {
        return buckets;
    }

    public int partitions() {
        return partitions;
    }

    /// Rows of a pool over all partitions.
    public long rows(Bucket bucket, String source, Split split) {
        long rows = 0;
        for (int partition = 0; partition < partitions; partition++) {
            rows += partition(bucket, partition).rows(source, split);
        }
        return rows;
    }

    public Set<String> sources(Bucket bucket, Split split) {
        Set<String> sources = new TreeSet<>();
        for (int partition = 0; partition < partitions; partition++) {
            sources.addAll(partition(bucket, partition).sources(split));
        }
        return sources;
    }

    /// This replica's rows as the planner sees them.
    public Availability available(Split split) {
        return new Availability() {
            @Override
            public long firstOffset(Bucket bucket, int partition) {
                return partition(bucket, partition).firstOffset();
            }

            @Override
            public long endOffset(Bucket bucket, int partition) {
                return partition(bucket, partition).nextOffset();
            }

            @Override
            public Set<String> sources(Bucket bucket) {
                return SegmentStore.this.sources(bucket, split);
            }

            @Override
            public long rows(PoolKey pool, int partition, long from, long to) {
                PartitionStore store = partition(pool.bucket(), partition);
                return store.rowsBefore(pool.source(), split, to) - store.rowsBefore(pool.source(), split, from);
            }

            @Override
            public long digest(PoolKey pool, int partition, long from, long to) {
                PartitionStore store = partition(pool.bucket(), partition);
                return store.digestBefore(pool.source(), split, to) - store.digestBefore(pool.source(), split, from);
            }
        };
    }

    public boolean has(PoolKey pool, Split split, int partition) {
        return partition(pool.bucket(), partition).pool(pool.source(), split) != null;
    }

    /// The rows of a pool on a partition.
    public PoolRows rows(PoolKey pool, Split split, int partition) {
        PoolLog log = partition(pool.bucket(), partition).pool(pool.source(), split);
        if (log == null) {
            throw new IllegalStateException(
                    "rows of " + pool + " partition " + partition + " are asked for before they are there");
        }
        return new PoolRows(pool, split, partition, log);
    }

    /// To be called after the JVM has reported a fault in a map, which it does with an [InternalError], perhaps a
    /// little
    /// late: a file was cut under this process, or its disk fails. Files get their size back, so that rows can be
    /// looked at again, and those that are gone are found and mended like any other damage.
    public void restore(InternalError fault) {
        LOG.error("rows could not be read: a file was cut under this sampler, or its disk fails", fault);
        try {
            for (PartitionStore[] bucket : stores) {
                for (PartitionStore store : bucket) {
                    store.restore();
                }
            }
        } catch (IOException e) {
            throw new StorageException("cannot restore files of rows: " + e.getMessage(), e);
        }
    }

    /// Overwrites a damaged row with what Kafka has at its offset.
    ///
    /// @return whether that is the row
    public boolean mend(DamagedRowException damage, Sequence sequence) {
        ByteBuffer tokens = sequence.getTokens();
        PoolLog log = partition(damage.pool().bucket(), damage.partition())
                .pool(damage.pool().source(), damage.split());
        if (log == null || tokens.remaining() != log.rowBytes()) {
            return false;
        }
        long contentHash = Digests.xxh64(tokens.array(), tokens.arrayOffset() + tokens.position(), log.rowBytes());
        if (RowDigest.inLog(contentHash, damage.offset()) != log.digest(damage.row())) {
            return false;
        }
        try {
            log.overwrite(damage.row(), tokens.duplicate());
            return true;
        } catch (IOException e) {
            throw new StorageException("cannot mend " + damage.getMessage() + ": " + e.getMessage(), e);
        }
    }

    /// Rows of a pool on a partition with offsets below this one.
    public long rowsBefore(PoolKey pool, Split split, int partition, long offset) {
        return partition(pool.bucket(), partition).rowsBefore(pool.source(), split, offset);
    }

    @Override
    public void close() {
        for (PartitionStore[] bucket : stores) {
            for (@Nullable PartitionStore store : bucket) {
                // Where opening failed, not all of them are there.
                if (store != null) {
                    store.close();
                }
            }
        }
        try {
            lock.close();
        } catch (IOException e) {
            throw new StorageException(String.valueOf(e.getMessage()), e);
        }
    }

    private static DirectoryLock lock(Path directory) {
        try {
            return DirectoryLock.acquire(directory);
        } catch (IOException e) {
            throw new StorageException(String.valueOf(e.getMessage()), e);
        }
    }
}
