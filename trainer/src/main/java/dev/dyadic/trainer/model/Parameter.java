package dev.dyadic.trainer.model;

import ai.djl.ndarray.types.Shape;

/// @param name as Llama's are called
/// @param isMatrix weight decay applies to these only
public record Parameter(String name, Shape shape, boolean isMatrix) {
    static Parameter matrix(String name, long rows, long columns) {
        return new Parameter(name, new Shape(rows, columns), true);
    }

    static Parameter scale(String name, long size) {
        return new Parameter(name, new Shape(size), false);
    }

    public long size() {
        return shape.size();
    }
}
