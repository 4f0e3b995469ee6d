package dev.dyadic.trainer;

import dev.dyadic.proto.InvalidException;
import java.util.ArrayList;
import java.util.List;

/// Linear warm-up, then cosine down to a part of the peak; once, or anew at some steps (re-warming, as in continual
/// pre-training: Ibrahim et al., arXiv 2403.08763).
///
/// @param peak rate after a warm-up
/// @param floorPart of the peak, at the end of the cosine
/// @param warmupSteps of each phase
/// @param totalSteps after which the rate stays at the floor
/// @param phases in the order of their steps; the first begins at 0. A phase's cosine ends where the next phase begins,
///     or with the last step
public record LearningRate(double peak, double floorPart, long warmupSteps, long totalSteps, List<Phase> phases) {
    /// @param step the first of the phase
    /// @param from what the warm-up begins at
    public record Phase(long step, double from) {}

    public LearningRate {
        phases = List.copyOf(phases);
        if (!(peak > 0) || !(floorPart >= 0) || floorPart > 1) {
            throw new InvalidException(
                    "learning rate needs peak > 0 and floor in [0, 1], but got " + peak + ", " + floorPart);
        }
        if (warmupSteps < 0 || totalSteps < 1) {
            throw new InvalidException(
                    "learning rate needs warm-up >= 0 and total >= 1, but got " + warmupSteps + ", " + totalSteps);
        }
        if (phases.isEmpty() || phases.getFirst().step() != 0) {
            throw new InvalidException("the first phase must begin at step 0, but the phases are " + phases);
        }
        for (int i = 1; i < phases.size(); i++) {
            if (phases.get(i).step() <= phases.get(i - 1).step()) {
                throw new InvalidException("phases must begin one after the other, but are " + phases);
            }
        }
    }

    /// @param rewarmAt steps at which a new warm-up begins, from the floor
    public static LearningRate of(
            double peak, double floorPart, long warmupSteps, long totalSteps, List<Long> rewarmAt) {
        List<Phase> phases = new ArrayList<>();
        phases.add(new Phase(0, 0));
        rewarmAt.stream().sorted().forEach(step -> phases.add(new Phase(step, peak * floorPart)));
        return new LearningRate(peak, floorPart, warmupSteps, totalSteps, phases);
    }

    /// A new warm-up begins at a step that was not known before, from the rate that the step would have had.
    public LearningRate rewarmedAt(long step) {
        List<Phase> changed = new ArrayList<>(phases);
        changed.removeIf(phase -> phase.step() == step);
        changed.add(new Phase(step, at(step)));
        changed.sort((a, b) -> Long.compare(a.step(), b.step()));
        return new LearningRate(peak, floorPart, warmupSteps, totalSteps, changed);
    }

    /// The rate of a step; steps count from 0.
    public double at(long step) {
        int current = 0;
        while (current + 1 < phases.size() && phases.get(current + 1).step() <= step) {
            current++;
        }
        Phase phase = phases.get(current);
        boolean isLast = current + 1 == phases.size();
        long end = isLast ? totalSteps : phases.get(current + 1).step();
        long warmup = isLast ? warmupSteps : Math.min(warmupSteps, end - phase.step());
        long done = step - phase.step();
        if (done < warmup) {
            return phase.from() + (peak - phase.from()) * (done + 1) / warmup;
        }
        if (step >= end) {
            return peak * floorPart;
        }
        double part = (double) (done - warmup) / Math.max(1, end - phase.step() - warmup);
        return peak * (floorPart + (1 - floorPart) * 0.5 * (1 + Math.cos(Math.PI * part)));
    }
}
