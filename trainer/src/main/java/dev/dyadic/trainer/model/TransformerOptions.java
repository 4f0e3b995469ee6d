package dev.dyadic.trainer.model;

import java.util.OptionalInt;

/// How a model is run, where its weights do not depend on it.
///
/// @param accelerator number of the CUDA device; empty: the CPU
/// @param threads of one operator on the CPU; 0: the engine's default
/// @param maskAfter an id that ends a document: tokens attend only to those behind the last one. For rows that hold
///     several documents; empty: no mask
public record TransformerOptions(OptionalInt accelerator, int threads, Precision precision, OptionalInt maskAfter) {
    public static final TransformerOptions CPU =
            new TransformerOptions(OptionalInt.empty(), 0, Precision.FLOAT32, OptionalInt.empty());

    public TransformerOptions withThreads(int count) {
        return new TransformerOptions(accelerator, count, precision, maskAfter);
    }

    public TransformerOptions withPrecision(Precision wanted) {
        return new TransformerOptions(accelerator, threads, wanted, maskAfter);
    }

    public TransformerOptions withMaskAfter(int id) {
        return new TransformerOptions(accelerator, threads, precision, OptionalInt.of(id));
    }
}
