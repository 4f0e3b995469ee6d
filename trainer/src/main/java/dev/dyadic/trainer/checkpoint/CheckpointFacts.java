package dev.dyadic.trainer.checkpoint;

import dev.dyadic.trainer.LearningRate;
import dev.dyadic.trainer.model.ModelConfig;
import java.util.List;

/// What a checkpoint is of. Stored as JSON beside the arrays. Training draws nothing at random after the first weights,
/// so there is no random state to keep: the run's order is the sampler's.
///
/// @param spec of the run, in protobuf's text format: for people
/// @param step the last step that was trained; the next is `step + 1`
/// @param manifestDigest SHA-256, in hexadecimal, of the manifest that fixes the step's cycle
/// @param tokens trained so far
/// @param firstLoss of the training's first step
/// @param lastCycle of the last step
/// @param phases of the learning rate, those included that began with a cycle
/// @param weightsSha256 of the file with the weights, in hexadecimal
/// @param optimizerSha256 of the file with the optimizer's arrays
public record CheckpointFacts(
        int format,
        String run,
        long runId,
        String spec,
        long step,
        String manifestDigest,
        ModelConfig model,
        long tokens,
        float firstLoss,
        long lastCycle,
        List<LearningRate.Phase> phases,
        String weightsSha256,
        String optimizerSha256) {
    static final int FORMAT = 2;

    public CheckpointFacts {
        phases = List.copyOf(phases);
    }

    /// Facts of a checkpoint that is about to be written.
    public static CheckpointFacts of(
            String run,
            long runId,
            String spec,
            long step,
            String manifestDigest,
            ModelConfig model,
            long tokens,
            float firstLoss,
            long lastCycle,
            List<LearningRate.Phase> phases) {
        return new CheckpointFacts(
                FORMAT, run, runId, spec, step, manifestDigest, model, tokens, firstLoss, lastCycle, phases, "", "");
    }

    CheckpointFacts withDigests(String weights, String optimizer) {
        return new CheckpointFacts(
                format,
                run,
                runId,
                spec,
                step,
                manifestDigest,
                model,
                tokens,
                firstLoss,
                lastCycle,
                phases,
                weights,
                optimizer);
    }
}
