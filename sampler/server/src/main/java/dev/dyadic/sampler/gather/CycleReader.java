package dev.dyadic.sampler.gather;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.sampler.ledger.Signal;
import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.CycleOrder;
import dev.dyadic.sampler.order.ManifestCheck;
import dev.dyadic.sampler.order.OrderContradictionException;
import dev.dyadic.sampler.order.PoolKey;
import dev.dyadic.sampler.order.RowRefs;
import dev.dyadic.sampler.order.Run;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.segments.DamagedRowException;
import dev.dyadic.sampler.segments.PoolRows;
import dev.dyadic.sampler.segments.RowDigest;
import dev.dyadic.sampler.segments.SegmentStore;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// One cycle of a run over this replica's rows: waits until they are there, holds them against the manifest once, and
/// gathers slices.
final class CycleReader {
    private final RunOrder runOrder;
    private final Run run;
    private final CycleOrder order;
    private final SegmentStore store;
    private final Map<Bucket, PoolPart[]> partsOf = new ConcurrentHashMap<>();
    private final Set<Bucket> checked = ConcurrentHashMap.newKeySet();

    CycleReader(RunOrder runOrder, CycleOrder order, SegmentStore store) {
        this.runOrder = runOrder;
        this.run = runOrder.run();
        this.order = order;
        this.store = store;
    }

    Cycle cycle() {
        return order.cycle();
    }

    Bucket bucketAt(long step) {
        return order.bucketAt(step);
    }

    int rowsInStep(long step) {
        return order.rowsPerStep(step);
    }

    /// Waits until this replica has every row that this cycle may deal of the bucket.
    ///
    /// @throws OrderContradictionException if the rows are not those that the manifest counts
    void awaitRows(Bucket bucket, Signal signal, RowRepair repair, long deadlineNanos) throws InterruptedException {
        if (checked.contains(bucket)) {
            return;
        }
        for (int partition = 0; partition < store.partitions(); partition++) {
            awaitPartition(bucket, partition, signal, deadlineNanos);
        }
        boolean _ = repair.reading(() -> overFaults(() -> {
            ManifestCheck.check(runOrder, cycle(), store.available(run.spec().split()), bucket);
            return true;
        }));
        checked.add(bucket);
    }

    /// Whether [#awaitRows] has nothing to wait for.
    boolean hasRows(Bucket bucket) {
        return checked.contains(bucket);
    }

    CycleOrder order() {
        return order;
    }

    int weightBytes() {
        return order.weightBytes();
    }

    /// Rows `[first, first + count)` of the step. Damaged ones are mended first.
    ///
    /// @param rowBytes of the step's length
    GatheredStep gather(long step, int first, int count, int rowBytes, RowRepair repair) {
        return repair.reading(() -> overFaults(() -> gatherOnce(step, first, count, rowBytes, repair)));
    }

    /// Reads again after a file was cut under this process.
    private <T> T overFaults(Supplier<T> read) {
        try {
            return read.get();
        } catch (InternalError fault) {
            store.restore(fault);
            return read.get();
        }
    }

    private GatheredStep gatherOnce(long step, int first, int count, int rowBytes, RowRepair repair) {
        String topic = repair.topic(order.bucketAt(step));
        RowRefs refs = order.rows(step, first, count);
        byte[] tokens = new byte[Math.multiplyExact(count, rowBytes)];
        long[] digestSums = new long[count + 1];
        // Written by several threads at once at worst: all write the same.
        PoolPart[] parts = partsOf.computeIfAbsent(refs.bucket(), _ -> new PoolPart[refs.parts()]);
        for (int i = 0; i < count; i++) {
            int number = refs.part(i);
            PoolPart part = parts[number];
            if (part == null) {
                part = partOf(topic, new PoolKey(refs.bucket(), refs.source(i)), refs.partition(i));
                parts[number] = part;
            }
            long row = part.firstRow() + refs.ordinal(i);
            if (row < 0) {
                throw RowNumbers.gone(
                        store, runOrder, topic, new PoolKey(refs.bucket(), refs.source(i)), refs.partition(i));
            }
            long contentHash = copy(part, row, tokens, i * rowBytes, repair);
            digestSums[i + 1] = digestSums[i] + RowDigest.inStep(contentHash, step, first + i);
        }
        return new GatheredStep(first, rowBytes, tokens, digestSums, refs);
    }

    private static long copy(PoolPart part, long row, byte[] tokens, int position, RowRepair repair) {
        try {
            return part.rows().copy(row, tokens, position);
        } catch (DamagedRowException e) {
            repair.mend(e);
            return part.rows().copy(row, tokens, position);
        }
    }

    private void awaitPartition(Bucket bucket, int partition, Signal signal, long deadlineNanos)
            throws InterruptedException {
        long end = cycle().window().get(bucket, partition);
        while (true) {
            long seen = signal.version();
            long next = store.partition(bucket, partition).nextOffset();
            if (next >= end) {
                return;
            }
            if (!signal.await(seen, deadlineNanos - System.nanoTime())) {
                throw new DyadicException(
                        DyadicException.Kind.NOT_READY,
                        "this replica has read length " + bucket.length() + " partition " + partition + " up to offset "
                                + next + ", and cycle " + cycle().number() + " of run " + run.name() + " needs "
                                + end);
            }
        }
    }

    /// @param firstRow number, on this replica, of the first row of the run on the partition
    private record PoolPart(PoolRows rows, long firstRow) {}

    private PoolPart partOf(String topic, PoolKey pool, int partition) {
        if (!store.has(pool, run.spec().split(), partition)) {
            // All that the window holds has been read: the pool's rows were gone before this replica began.
            throw RowNumbers.gone(store, runOrder, topic, pool, partition);
        }
        PoolRows rows = store.rows(pool, run.spec().split(), partition);
        return new PoolPart(rows, RowNumbers.first(store, runOrder, pool, partition));
    }
}
