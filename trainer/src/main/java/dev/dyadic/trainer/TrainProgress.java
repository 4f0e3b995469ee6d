package dev.dyadic.trainer;

import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/// Told what happens, from the training thread.
@FunctionalInterface
public interface TrainProgress {
    TrainProgress NONE = _ -> {};

    /// Called once, before the first step: the run is there, and the model is about to be made.
    default void starting(Start start) {}

    /// Called after each step.
    void trained(Step step);

    /// Called after each look at the hold-out.
    default void evaluated(HoldOut holdOut) {}

    /// Tells both, one after the other.
    default TrainProgress and(TrainProgress other) {
        TrainProgress one = this;
        return new TrainProgress() {
            @Override
            public void starting(Start start) {
                one.starting(start);
                other.starting(start);
            }

            @Override
            public void trained(Step step) {
                one.trained(step);
                other.trained(step);
            }

            @Override
            public void evaluated(HoldOut holdOut) {
                one.evaluated(holdOut);
                other.evaluated(holdOut);
            }
        };
    }

    /// @param neededBytes of memory, about; 0 where a device has it
    /// @param availableBytes of this machine, or container
    record Start(long parameters, long neededBytes, long availableBytes) {}

    /// @param number of the step in the run
    /// @param endStep the last step plus one, as far as it is known
    /// @param lossBySource means over the rows of each source
    /// @param tokens trained so far, over all starts
    /// @param tokensPerSecond since this start
    /// @param seconds trained since this start, without looks at the hold-out and checkpoints
    record Step(
            long number,
            long endStep,
            long cycle,
            int length,
            float loss,
            SortedMap<String, Float> lossBySource,
            float gradientNorm,
            double rate,
            long tokens,
            double tokensPerSecond,
            double seconds,
            double waitedSeconds) {}

    /// @param step after which it was
    /// @param lossByLength mean cross-entropy, in nats
    record HoldOut(long step, long tokens, double seconds, NavigableMap<Integer, Float> lossByLength) {
        public HoldOut {
            lossByLength = new TreeMap<>(lossByLength);
        }

        /// Over all positions of equally many tokens of each length.
        public float mean() {
            return (float) lossByLength.values().stream()
                    .mapToDouble(loss -> (double) loss)
                    .average()
                    .orElse(Double.NaN);
        }
    }
}
