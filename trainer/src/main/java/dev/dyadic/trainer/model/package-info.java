/// A decoder-only transformer as a TorchScript module that this package writes itself, run by DJL's PyTorch engine.
@NullMarked
package dev.dyadic.trainer.model;

import org.jspecify.annotations.NullMarked;
