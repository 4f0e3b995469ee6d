package dev.dyadic.trainer.model;

/// Of the matrix work. Weights, norms, losses and the optimizer are float32 in either case.
public enum Precision {
    FLOAT32,
    BFLOAT16
}
