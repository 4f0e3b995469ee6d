package dev.dyadic.sampler.segments;

import dev.dyadic.proto.Digests;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.sampler.order.PoolKey;

/// The rows of one pool on one partition, numbered from the first that this replica has.
public final class PoolRows {
    private final PoolKey pool;
    private final Split split;
    private final int partition;
    private final PoolLog log;

    PoolRows(PoolKey pool, Split split, int partition, PoolLog log) {
        this.pool = pool;
        this.split = split;
        this.partition = partition;
        this.log = log;
    }

    /// Copies one row, checked against its facts.
    ///
    /// @return XXH64 of the row's bytes
    /// @throws DamagedRowException if they are not those that were written
    public long copy(long row, byte[] target, int position) {
        if (row >= log.rows()) {
            throw new IllegalStateException(
                    "row " + row + " of " + pool + " partition " + partition + " is asked for before it is there");
        }
        log.copy(row, target, position);
        long contentHash = Digests.xxh64(target, position, log.rowBytes());
        if (RowDigest.inLog(contentHash, log.offset(row)) != log.digest(row)) {
            throw new DamagedRowException(pool, split, partition, row, log.offset(row));
        }
        return contentHash;
    }

    public long count() {
        return log.rows();
    }

    /// The row's offset on the length topic.
    public long offset(long row) {
        return log.offset(row);
    }

    public long publishedMillis(long row) {
        return log.publishedMillis(row);
    }

    /// XXH64 of the document's id, or of its whole's where it is a part.
    public long documentHash(long row) {
        return log.documentHash(row);
    }

    /// XXH64 of the row's bytes as they were written, from its facts.
    public long contentHash(long row) {
        return SplitMix64.unkey(log.digest(row), log.offset(row));
    }
}
