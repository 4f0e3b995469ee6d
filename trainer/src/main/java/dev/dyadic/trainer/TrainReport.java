package dev.dyadic.trainer;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What came of a training.
///
/// @param firstStep trained in this start
/// @param steps trained in this start
/// @param tokens trained over all starts
/// @param firstLoss of the training's first step, over all starts
/// @param lastLoss mean of the last five steps of this start; null where it trained none
/// @param waitedPart share of the time spent waiting for batches
public record TrainReport(
        long firstStep,
        long steps,
        long tokens,
        @Nullable Float firstLoss,
        @Nullable Float lastLoss,
        List<LengthLoss> byLength,
        double seconds,
        double waitedPart,
        String ended) {
    public TrainReport {
        byLength = List.copyOf(byLength);
    }

    /// @param first mean of the first five steps of this length
    /// @param last mean of the last five
    public record LengthLoss(int length, long steps, float first, float last) {}
}
