package dev.dyadic.trainer;

/// Linear warm-up, then cosine down to a part of the peak.
///
/// @param peak rate after the warm-up
/// @param floorPart of the peak, at the end
/// @param totalSteps after which the rate stays at the floor
public record LearningRate(double peak, double floorPart, long warmupSteps, long totalSteps) {
    public LearningRate {
        if (peak <= 0 || floorPart < 0 || floorPart > 1) {
            throw new IllegalArgumentException(
                    "learning rate needs peak > 0 and floor in [0, 1], but got " + peak + ", " + floorPart);
        }
        if (warmupSteps < 0 || totalSteps < 1) {
            throw new IllegalArgumentException(
                    "learning rate needs warm-up >= 0 and total >= 1, but got " + warmupSteps + ", " + totalSteps);
        }
    }

    /// Of a step, counted from 0.
    public double at(long step) {
        if (step < warmupSteps) {
            return peak * (step + 1) / warmupSteps;
        }
        if (step >= totalSteps) {
            return peak * floorPart;
        }
        double done = (double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
        return peak * (floorPart + (1 - floorPart) * 0.5 * (1 + Math.cos(Math.PI * done)));
    }
}
