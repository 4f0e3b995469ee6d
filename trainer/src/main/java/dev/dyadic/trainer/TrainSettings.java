package dev.dyadic.trainer;

import dev.dyadic.proto.InvalidException;
import dev.dyadic.trainer.model.AdamW;
import dev.dyadic.trainer.model.ModelConfig;
import dev.dyadic.trainer.model.TransformerOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// @param run to train on; it is open
/// @param prefetch batches in flight
/// @param checksMemory whether a training that needs more memory than there is is refused
/// @param microTokens positions whose gradients are computed at once: memory grows with it, and not with the step
public record TrainSettings(
        String run,
        Model model,
        Schedule schedule,
        AdamW optimizer,
        TransformerOptions device,
        int microTokens,
        int prefetch,
        Checkpointing checkpoints,
        HoldOut holdOut,
        boolean checksMemory) {
    public static final int DEFAULT_MICRO_TOKENS = 8192;

    public TrainSettings {
        if (microTokens < 1) {
            throw new InvalidException("micro-tokens must be at least 1, but was " + microTokens);
        }
    }

    /// @param name of a size, or sizes
    /// @param seed of the first weights
    public record Model(String name, double rotaryBase, boolean tied, long seed) {
        public static Model named(String name) {
            return new Model(name, ModelConfig.DEFAULT_ROTARY_BASE, true, 0);
        }
    }

    /// @param steps to end after, counted from the run's step 0; a bounded run may end earlier
    /// @param floorPart of the peak rate, at the end
    /// @param rewarmAt steps at which a new warm-up begins
    /// @param rewarmAtCycles cycles of the run, at whose first steps a new warm-up begins
    public record Schedule(
            long steps,
            double peakRate,
            double floorPart,
            long warmupSteps,
            List<Long> rewarmAt,
            List<Long> rewarmAtCycles) {
        public static final double DEFAULT_FLOOR_PART = 0.1;

        public Schedule {
            rewarmAt = List.copyOf(rewarmAt);
            rewarmAtCycles = List.copyOf(rewarmAtCycles);
            if (steps < 1) {
                throw new InvalidException("steps must be at least 1, but was " + steps);
            }
            if (rewarmAt.stream().anyMatch(step -> step < 1)
                    || rewarmAtCycles.stream().anyMatch(cycle -> cycle < 1)) {
                throw new InvalidException("re-warming is at steps and cycles from 1 on, but was at steps " + rewarmAt
                        + ", cycles " + rewarmAtCycles);
            }
        }

        public static Schedule of(long steps, double peakRate, long warmupSteps) {
            return new Schedule(steps, peakRate, DEFAULT_FLOOR_PART, warmupSteps, List.of(), List.of());
        }

        LearningRate rate(long endStep) {
            return LearningRate.of(peakRate, floorPart, warmupSteps, Math.max(1, endStep), rewarmAt);
        }
    }

    /// @param directory none: no checkpoints
    /// @param everySteps one is also written at the end
    /// @param keep how many stay
    public record Checkpointing(Optional<Path> directory, long everySteps, int keep) {
        public static final Checkpointing NONE = new Checkpointing(Optional.empty(), 1, 1);

        public Checkpointing {
            if (everySteps < 1 || keep < 1) {
                throw new InvalidException(
                        "checkpoints are written every 1 or more steps, and 1 or more are kept, but got " + everySteps
                                + " and " + keep);
            }
        }
    }

    /// @param everySteps between two looks at the hold-out; 0: none. There is also one at the end
    /// @param steps of the hold-out that are looked at: each has as many tokens as the run's longest length
    public record HoldOut(long everySteps, long steps) {
        public static final HoldOut NONE = new HoldOut(0, 1);

        public HoldOut {
            if (everySteps < 0 || steps < 1) {
                throw new InvalidException("the hold-out is looked at every 0 or more steps, with 1 or more of"
                        + " its own, but got " + everySteps + " and " + steps);
            }
        }
    }
}
