package dev.dyadic.trainer;

import dev.dyadic.trainer.model.AdamW;
import java.nio.file.Path;
import java.util.Optional;

/// @param run to train on; it is open
/// @param model a size's name
/// @param steps to end after, counted from the run's step 0; a bounded run may end earlier
/// @param checkpoints directory; none: no checkpoints
/// @param checkpointEverySteps one is also written at the end
/// @param prefetch batches in flight
/// @param microTokens positions whose gradients are computed at once: memory grows with it, and not with the step
/// @param threads of one operator; 0: the engine's default
public record TrainSettings(
        String run,
        String model,
        long seed,
        long steps,
        double peakRate,
        long warmupSteps,
        AdamW optimizer,
        Optional<Path> checkpoints,
        long checkpointEverySteps,
        int prefetch,
        int microTokens,
        int threads) {
    public static final int DEFAULT_MICRO_TOKENS = 2048;

    public TrainSettings {
        if (steps < 1) {
            throw new IllegalArgumentException("steps must be at least 1, but was " + steps);
        }
        if (microTokens < 1) {
            throw new IllegalArgumentException("micro-tokens must be at least 1, but was " + microTokens);
        }
        if (checkpointEverySteps < 1) {
            throw new IllegalArgumentException("checkpoint-every must be at least 1, but was " + checkpointEverySteps);
        }
    }
}
