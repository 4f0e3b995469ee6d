package dev.dyadic.trainer;

/// Told after each step, from the training thread.
@FunctionalInterface
public interface TrainProgress {
    TrainProgress NONE = step -> {};

    void trained(Step step);

    /// @param number of the step in the run
    /// @param endStep the last step plus one, as far as it is known
    /// @param tokens trained so far, over all starts
    record Step(
            long number,
            long endStep,
            int length,
            float loss,
            float gradientNorm,
            double rate,
            long tokens,
            double tokensPerSecond) {}
}
