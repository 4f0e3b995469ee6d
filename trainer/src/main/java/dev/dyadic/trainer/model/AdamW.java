package dev.dyadic.trainer.model;

import dev.dyadic.proto.InvalidException;

/// Decoupled weight decay (Loshchilov and Hutter, ICLR 2019), on matrices only; gradients are clipped by their global
/// norm.
public record AdamW(double beta1, double beta2, double epsilon, double weightDecay, double clipNorm) {
    public static final AdamW DEFAULT = new AdamW(0.9, 0.95, 1e-8, 0.1, 1.0);

    public AdamW {
        if (beta1 < 0 || beta1 >= 1 || beta2 < 0 || beta2 >= 1) {
            throw new InvalidException("betas must be in [0, 1), but were " + beta1 + ", " + beta2);
        }
        if (epsilon <= 0 || weightDecay < 0 || clipNorm <= 0) {
            throw new InvalidException("optimizer needs epsilon > 0, weight decay >= 0 and clip norm > 0, but got "
                    + epsilon + ", " + weightDecay + ", " + clipNorm);
        }
    }
}
