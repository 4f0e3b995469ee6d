package dev.dyadic.trainer;

import com.sun.management.OperatingSystemMXBean;
import dev.dyadic.trainer.model.ModelConfig;
import java.lang.management.ManagementFactory;

/// What training on the CPU needs of the machine's memory, about: measured against the peaks of whole processes, see
/// docs/how-to/train.md. A process that needs more than its container has is killed without a word.
record TrainMemory(long neededBytes) {
    private static final int FLOAT_BYTES = 4;
    /// Java and the engine, with their libraries.
    private static final long PROGRAM_BYTES = 450L << 20;
    /// Of each parameter: weight, gradient, two moments, and what an update has on its way.
    private static final int COPIES_OF_PARAMETERS = 6;
    /// Kept of each position and layer for the backward pass: vectors of the hidden size, and of the feed-forward size.
    private static final int HIDDEN_VECTORS = 24;
    private static final int FEED_FORWARD_VECTORS = 6;
    /// The loss is taken over so many positions at a time: logits, their softmax, and gradients of both.
    private static final int OUTPUT_POSITIONS = 1024;
    private static final int COPIES_OF_LOGITS = 4;

    /// @param longest row, in positions
    /// @param microTokens positions whose gradients are computed at once; at least one row is
    static TrainMemory of(ModelConfig config, int longest, int microTokens) {
        long positions = Math.max(longest, microTokens);
        long perPosition = (long) config.layers()
                * ((long) HIDDEN_VECTORS * config.hidden() + (long) FEED_FORWARD_VECTORS * config.feedForward());
        long logits = Math.min(positions, OUTPUT_POSITIONS) * config.paddedVocabulary() * COPIES_OF_LOGITS;
        return new TrainMemory(PROGRAM_BYTES
                + FLOAT_BYTES * (COPIES_OF_PARAMETERS * config.parameters() + positions * perPosition + logits));
    }

    /// Of the machine, or of the container that this process runs in.
    static long availableBytes() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : Long.MAX_VALUE;
    }

    void require(long availableBytes, int microTokens) {
        if (neededBytes > availableBytes) {
            throw new TrainerException("training needs about " + (neededBytes >> 20)
                    + " MiB of memory, but this machine, or container, has " + (availableBytes >> 20)
                    + ", and would kill it: lower --micro-tokens (it is " + microTokens
                    + "), take a smaller --model, open a run with a smaller --max-length, give it more memory, or try it"
                    + " with --no-memory-check");
        }
    }
}
