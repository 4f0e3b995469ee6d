package dev.dyadic.sampler.serve;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.concurrent.atomic.AtomicInteger;

/// The rows of a step, or of a part of one, one after the other. Nobody changes it once it is made.
final class GatheredStep {
    private final int firstRow;
    private final int rowBytes;
    private final byte[] tokens;
    private final long[] digestSums;
    private final AtomicInteger rowsServed = new AtomicInteger();

    /// @param firstRow of the step that is here
    /// @param digestSums before each row, and after the last
    GatheredStep(int firstRow, int rowBytes, byte[] tokens, long[] digestSums) {
        this.firstRow = firstRow;
        this.rowBytes = rowBytes;
        this.tokens = tokens;
        this.digestSums = digestSums;
    }

    /// Rows `[first, end)` of the step.
    ByteString tokens(int first, int end) {
        return UnsafeByteOperations.unsafeWrap(tokens, (first - firstRow) * rowBytes, (end - first) * rowBytes);
    }

    /// Of those rows. See docs/order.md, "Batch digest".
    long digest(int first, int end) {
        return digestSums[end - firstRow] - digestSums[first - firstRow];
    }

    /// Notes that rows were handed out.
    ///
    /// @return whether as many were as there are: in all likelihood nobody asks for the step again
    boolean served(int rows) {
        return rowsServed.addAndGet(rows) >= digestSums.length - 1;
    }

    int bytes() {
        return tokens.length + digestSums.length * Long.BYTES;
    }
}
