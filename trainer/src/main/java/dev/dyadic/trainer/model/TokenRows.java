package dev.dyadic.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/// Token ids `(rows, tokens per row)`, row-major. For training a row has one token more than positions.
public final class TokenRows {
    private final long[] ids;
    private final int rows;

    /// Takes the array over.
    public TokenRows(long[] ids, int rows) {
        if (rows < 1 || ids.length == 0 || ids.length % rows != 0) {
            throw new IllegalArgumentException(ids.length + " ids do not make " + rows + " rows");
        }
        this.ids = ids;
        this.rows = rows;
    }

    public int rows() {
        return rows;
    }

    /// Positions of a row, each with a target: one less than its ids.
    public int length() {
        return ids.length / rows - 1;
    }

    NDArray toArray(NDManager scope, int first, int count) {
        int width = ids.length / rows;
        return scope.create(Arrays.copyOfRange(ids, first * width, (first + count) * width), new Shape(count, width));
    }
}
