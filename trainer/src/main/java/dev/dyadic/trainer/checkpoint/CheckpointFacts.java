package dev.dyadic.trainer.checkpoint;

import dev.dyadic.trainer.model.ModelConfig;

/// What a checkpoint is of. Stored as JSON beside the arrays.
///
/// @param step the last step that was trained; the next is `step + 1`
/// @param manifestDigest SHA-256, in hexadecimal, of the manifest that fixes the step's cycle
/// @param tokens trained so far
/// @param firstLoss of the training's first step
/// @param stateSha256 of the file with the arrays, in hexadecimal
public record CheckpointFacts(
        int format,
        String run,
        long runId,
        long step,
        String manifestDigest,
        ModelConfig model,
        long tokens,
        float firstLoss,
        String stateSha256) {
    static final int FORMAT = 1;

    /// Facts of a checkpoint that is about to be written.
    public static CheckpointFacts of(
            String run, long runId, long step, String manifestDigest, ModelConfig model, long tokens, float firstLoss) {
        return new CheckpointFacts(FORMAT, run, runId, step, manifestDigest, model, tokens, firstLoss, "");
    }

    CheckpointFacts withStateSha256(String sha256) {
        return new CheckpointFacts(format, run, runId, step, manifestDigest, model, tokens, firstLoss, sha256);
    }
}
