package dev.dyadic.sampler.serve;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.sampler.ledger.Signal;
import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.CycleOrder;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.segments.SegmentStore;
import dev.dyadic.v1.Batch;
import java.util.LinkedHashMap;
import java.util.Map;

/// Finds and gathers the rows of steps that are planned.
final class Batches {
    /// Cycles kept ready: a schedule is a byte a step.
    private static final int MAX_CYCLES = 16;

    private final SegmentStore store;
    private final CorpusSettings corpus;
    private final Signal signal;
    private final int maxSliceBytes;
    private final Map<Long, CycleReader> readers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, CycleReader> eldest) {
            return size() > MAX_CYCLES;
        }
    };

    /// Which rows of a step a call asks for, once the number of rows is known.
    @FunctionalInterface
    interface Selection {
        /// @return first row and end row
        Range of(int rowsInStep);
    }

    /// Rows `[first, end)`.
    record Range(int first, int end) {
        Range {
            if (first < 0 || first > end) {
                throw new IllegalArgumentException(
                        "rows must satisfy 0 <= first <= end, but were first=" + first + ", end=" + end);
            }
        }

        /// Rank `r` of `w` has rows `[r * n / w, (r + 1) * n / w)`.
        static Range ofRank(int rank, int world, int rows) {
            return new Range((int) ((long) rank * rows / world), (int) ((rank + 1L) * rows / world));
        }
    }

    Batches(SegmentStore store, CorpusSettings corpus, Signal signal, int maxSliceBytes) {
        this.store = store;
        this.corpus = corpus;
        this.signal = signal;
        this.maxSliceBytes = maxSliceBytes;
    }

    /// Gathers a slice of a planned step.
    Batch get(RunOrder order, long step, Selection selection, long deadlineNanos) throws InterruptedException {
        Cycle cycle = order.cycleOf(step)
                .orElseThrow(() -> new IllegalStateException("step " + step + " is asked for before it is planned"));
        CycleReader reader = reader(order, cycle);
        int log2 = reader.log2At(step);
        int rowsInStep = reader.rowsInStep(step);
        int rowBytes = corpus.rowBytes(log2);
        Range range = selection.of(rowsInStep);
        int count = range.end() - range.first();
        if ((long) count * rowBytes > maxSliceBytes) {
            throw new IllegalArgumentException("a slice must have at most " + maxSliceBytes + " bytes, which is "
                    + maxSliceBytes / rowBytes + " rows of length " + (1 << log2) + ", but " + count
                    + " were asked for: ask for fewer rows at a time");
        }
        reader.awaitRows(log2, signal, deadlineNanos);
        CycleReader.Slice slice = reader.gather(step, range.first(), count, rowBytes);
        ByteString tokens = UnsafeByteOperations.unsafeWrap(slice.tokens().array());
        return Batch.newBuilder()
                .setRunId(order.run().id())
                .setStep(step)
                .setCycle(cycle.number())
                .setLength(1 << log2)
                .setRows(count)
                .setFirstRow(range.first())
                .setRowsInStep(rowsInStep)
                .setTokenWidth(corpus.tokenizer().tokenWidth())
                .setRowTokens(corpus.layout().rowTokens(log2))
                .setDigest(slice.digest())
                .setManifestDigest(ByteString.copyFrom(cycle.digest().toArray()))
                .setTokens(tokens)
                .build();
    }

    private CycleReader reader(RunOrder order, Cycle cycle) {
        synchronized (readers) {
            return readers.computeIfAbsent(
                    cycle.ledgerOffset(), _ -> new CycleReader(order.run(), new CycleOrder(order, cycle), store));
        }
    }
}
