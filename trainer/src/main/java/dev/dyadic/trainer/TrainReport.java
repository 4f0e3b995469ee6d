package dev.dyadic.trainer;

import java.util.List;

/// What came of a training.
///
/// @param firstStep trained in this start
/// @param steps trained in this start
/// @param firstLoss of the training's first step, over all starts
/// @param lastLoss mean of the last steps
/// @param waitedPart share of the time spent waiting for batches
public record TrainReport(
        long firstStep,
        long steps,
        long tokens,
        float firstLoss,
        float lastLoss,
        List<LengthLoss> byLength,
        double seconds,
        double waitedPart,
        String ended) {
    public TrainReport {
        byLength = List.copyOf(byLength);
    }

    /// @param first mean of the first steps of this length
    /// @param last mean of the last ones
    public record LengthLoss(int length, long steps, float first, float last) {}
}
