package dev.dyadic.sampler.gather;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.dyadic.sampler.order.RowRefs;
import dev.dyadic.v1.SamplerProto.Batch;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// The rows of a step, or of a part of one, one after the other. Nobody changes it once it is made.
final class GatheredStep {
    /// What a row takes in a [RowRefs].
    private static final int REF_BYTES = 24;

    private final int firstRow;
    private final int rowBytes;
    private final byte[] tokens;
    private final long[] digestSums;
    private final RowRefs refs;
    private final AtomicInteger rowsServed = new AtomicInteger();

    /// @param firstRow of the step that is here
    /// @param digestSums before each row, and after the last
    /// @param refs where the rows come from
    GatheredStep(int firstRow, int rowBytes, byte[] tokens, long[] digestSums, RowRefs refs) {
        this.firstRow = firstRow;
        this.rowBytes = rowBytes;
        this.tokens = tokens;
        this.digestSums = digestSums;
        this.refs = refs;
    }

    /// Rows `[first, end)` of the step.
    ByteString tokens(int first, int end) {
        return UnsafeByteOperations.unsafeWrap(tokens, (first - firstRow) * rowBytes, (end - first) * rowBytes);
    }

    /// Of those rows. See docs/order.md, "Batch digest".
    long digest(int first, int end) {
        return digestSums[end - firstRow] - digestSums[first - firstRow];
    }

    /// Says of rows `[first, end)` of the step where they come from.
    void addSources(Batch.Builder batch, int first, int end) {
        Map<String, Integer> numbers = new HashMap<>();
        for (int row = first; row < end; row++) {
            String source = refs.source(row - firstRow);
            Integer number = numbers.get(source);
            if (number == null) {
                number = numbers.size();
                numbers.put(source, number);
                batch.addSources(source);
            }
            batch.addRowSources(number);
        }
    }

    /// Notes that rows were handed out.
    ///
    /// @return whether as many were as there are: in all likelihood nobody asks for the step again
    boolean served(int rows) {
        return rowsServed.addAndGet(rows) >= digestSums.length - 1;
    }

    int bytes() {
        return tokens.length + digestSums.length * (Long.BYTES + REF_BYTES);
    }
}
