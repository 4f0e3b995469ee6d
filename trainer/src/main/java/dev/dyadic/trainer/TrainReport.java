package dev.dyadic.trainer;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What came of a training.
///
/// @param firstStep trained in this start
/// @param steps trained in this start
/// @param tokens trained in this start
/// @param totalTokens trained over all starts
/// @param parameters of the model
/// @param firstLoss of the training's first step, over all starts
/// @param lastLoss mean of the last five steps of this start; null where it trained none
/// @param holdOutByLength of the last look at the hold-out; empty where there was none
/// @param seconds of this start, without looks at the hold-out and checkpoints
/// @param waitedPart share of those seconds spent waiting for batches
public record TrainReport(
        long firstStep,
        long steps,
        long tokens,
        long totalTokens,
        long parameters,
        @Nullable Float firstLoss,
        @Nullable Float lastLoss,
        List<LengthLoss> byLength,
        List<SourceLoss> bySource,
        NavigableMap<Integer, Float> holdOutByLength,
        double seconds,
        double waitedPart,
        String ended) {
    /// Steps that a mean of the first or the last ones is of, where there are so many.
    public static final int MEAN_OF = 5;

    public TrainReport {
        byLength = List.copyOf(byLength);
        bySource = List.copyOf(bySource);
        holdOutByLength = new TreeMap<>(holdOutByLength);
    }

    /// @param first mean of the first five steps of this length
    /// @param last mean of the last five
    public record LengthLoss(int length, long steps, float first, float last) {}

    /// @param first mean of the first five steps that had rows of this source
    /// @param last mean of the last five
    public record SourceLoss(String source, long steps, float first, float last) {}
}
