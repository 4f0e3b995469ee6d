package dev.dyadic.sampler.serve;

import dev.dyadic.proto.Split;
import dev.dyadic.sampler.ledger.Signal;
import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.CycleOrder;
import dev.dyadic.sampler.order.ManifestCheck;
import dev.dyadic.sampler.order.OrderContradictionException;
import dev.dyadic.sampler.order.PoolKey;
import dev.dyadic.sampler.order.RowRefs;
import dev.dyadic.sampler.order.Run;
import dev.dyadic.sampler.segments.RowDigest;
import dev.dyadic.sampler.segments.SegmentStore;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// One cycle of a run over this replica's rows: waits until they are there, holds them against the manifest once, and
/// gathers slices.
final class CycleReader {
    private final Run run;
    private final CycleOrder order;
    private final SegmentStore store;
    private final Set<Integer> checked = ConcurrentHashMap.newKeySet();
    private final Map<PoolKey, long[]> firstRows = new ConcurrentHashMap<>();

    /// @param tokens row-major
    /// @param digest of the slice
    record Slice(int log2, int rowsInStep, int firstRow, int rows, Bytes tokens, long digest) {}

    /// Bytes that nobody changes.
    static final class Bytes {
        private final byte[] array;

        Bytes(byte[] array) {
            this.array = array;
        }

        /// The array itself: callers only read it.
        byte[] array() {
            return array;
        }
    }

    CycleReader(Run run, CycleOrder order, SegmentStore store) {
        this.run = run;
        this.order = order;
        this.store = store;
    }

    Cycle cycle() {
        return order.cycle();
    }

    int log2At(long step) {
        return order.log2At(step);
    }

    int rowsInStep(long step) {
        return order.rowsPerStep(step);
    }

    /// Waits until this replica has every row that this cycle may deal of the bucket.
    ///
    /// @throws OrderContradictionException if the rows are not those that the manifest counts
    void awaitRows(int log2, Signal signal, long deadlineNanos) throws InterruptedException {
        if (checked.contains(log2)) {
            return;
        }
        for (int partition = 0; partition < store.partitions(); partition++) {
            awaitPartition(log2, partition, signal, deadlineNanos);
        }
        ManifestCheck.check(run, cycle(), store.available(run.spec().split()), log2);
        checked.add(log2);
    }

    /// Rows `[first, first + count)` of the step.
    ///
    /// @param rowBytes of the step's length
    Slice gather(long step, int first, int count, int rowBytes) {
        RowRefs refs = order.rows(step, first, count);
        Split split = run.spec().split();
        byte[] tokens = new byte[Math.multiplyExact(count, rowBytes)];
        long digest = 0;
        for (int i = 0; i < count; i++) {
            PoolKey pool = new PoolKey(refs.log2(), refs.source(i));
            long row = firstRow(pool, refs.partition(i)) + refs.ordinal(i);
            long contentHash = store.copy(pool, split, refs.partition(i), row, tokens, i * rowBytes);
            digest += RowDigest.inStep(contentHash, step, first + i);
        }
        return new Slice(refs.log2(), order.rowsPerStep(step), first, count, new Bytes(tokens), digest);
    }

    private void awaitPartition(int log2, int partition, Signal signal, long deadlineNanos)
            throws InterruptedException {
        long end = cycle().window().get(log2, partition);
        while (true) {
            long seen = signal.version();
            long next = store.partition(log2, partition).nextOffset();
            if (next >= end) {
                return;
            }
            if (!signal.await(seen, deadlineNanos - System.nanoTime())) {
                throw new SamplerException(
                        SamplerException.Kind.NOT_READY,
                        "this replica has read length " + (1 << log2) + " partition " + partition + " up to offset "
                                + next + ", and cycle " + cycle().number() + " of run " + run.name() + " needs "
                                + end);
            }
        }
    }

    /// Number, on this replica, of the first row of the run on a partition.
    private long firstRow(PoolKey pool, int partition) {
        long[] rows = firstRows.computeIfAbsent(pool, key -> {
            long[] first = new long[store.partitions()];
            for (int i = 0; i < first.length; i++) {
                first[i] =
                        store.rowsBefore(key, run.spec().split(), i, run.from().get(key.log2(), i));
            }
            return first;
        });
        return rows[partition];
    }
}
