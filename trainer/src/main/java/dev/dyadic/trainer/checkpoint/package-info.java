/// Weights, optimizer and position, kept together.
@NullMarked
package dev.dyadic.trainer.checkpoint;

import org.jspecify.annotations.NullMarked;
