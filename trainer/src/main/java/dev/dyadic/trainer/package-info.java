/// The training loop: batches in, losses and checkpoints out.
@NullMarked
package dev.dyadic.trainer;

import org.jspecify.annotations.NullMarked;
