package dev.dyadic.trainer.model;

import java.util.ArrayList;
import java.util.List;

/// Sizes of the transformer.
///
/// @param vocabularySize ids that the corpus has
/// @param hidden width of the residual stream
/// @param feedForward width inside the SwiGLU
/// @param rotaryBase of the rotary positions: 100,000 in the authors' code
public record ModelConfig(int vocabularySize, int hidden, int layers, int heads, int feedForward, double rotaryBase) {
    public static final double DEFAULT_ROTARY_BASE = 100_000;
    public static final List<String> SIZES = List.of("tiny", "small");

    private static final int VOCABULARY_MULTIPLE = 64;

    public ModelConfig {
        if (vocabularySize < 1 || layers < 1 || feedForward < 1) {
            throw new IllegalArgumentException("model sizes must be positive, but were vocabulary=" + vocabularySize
                    + ", layers=" + layers + ", feed-forward=" + feedForward);
        }
        if (heads < 1 || hidden % heads != 0 || hidden / heads % 2 != 0) {
            throw new IllegalArgumentException(
                    "model.hidden must be an even multiple of heads, but was hidden=" + hidden + ", heads=" + heads);
        }
    }

    public static ModelConfig named(String size, int vocabularySize) {
        return switch (size) {
            case "tiny" -> new ModelConfig(vocabularySize, 128, 2, 4, 384, DEFAULT_ROTARY_BASE);
            case "small" -> new ModelConfig(vocabularySize, 384, 6, 6, 1024, DEFAULT_ROTARY_BASE);
            default ->
                throw new IllegalArgumentException(
                        "model must be one of " + String.join(", ", SIZES) + ", but was " + size);
        };
    }

    /// Rows of the embedding table: the vocabulary, padded to a multiple of 64.
    public int paddedVocabulary() {
        return Math.ceilDiv(vocabularySize, VOCABULARY_MULTIPLE) * VOCABULARY_MULTIPLE;
    }

    public int headSize() {
        return hidden / heads;
    }

    public long parameters() {
        return parameterList().stream().mapToLong(Parameter::size).sum();
    }

    /// Every parameter: matrices first, then scales, each in the order in which the module takes them. The output
    /// projection
    /// is the embedding.
    public List<Parameter> parameterList() {
        List<Parameter> parameters = new ArrayList<>();
        parameters.add(Parameter.matrix("model.embed_tokens.weight", paddedVocabulary(), hidden));
        for (int layer = 0; layer < layers; layer++) {
            String prefix = "model.layers." + layer + ".";
            parameters.add(Parameter.matrix(prefix + "self_attn.q_proj.weight", hidden, hidden));
            parameters.add(Parameter.matrix(prefix + "self_attn.k_proj.weight", hidden, hidden));
            parameters.add(Parameter.matrix(prefix + "self_attn.v_proj.weight", hidden, hidden));
            parameters.add(Parameter.matrix(prefix + "self_attn.o_proj.weight", hidden, hidden));
            parameters.add(Parameter.matrix(prefix + "mlp.gate_proj.weight", feedForward, hidden));
            parameters.add(Parameter.matrix(prefix + "mlp.up_proj.weight", feedForward, hidden));
            parameters.add(Parameter.matrix(prefix + "mlp.down_proj.weight", hidden, feedForward));
        }
        for (int layer = 0; layer < layers; layer++) {
            String prefix = "model.layers." + layer + ".";
            parameters.add(Parameter.scale(prefix + "input_layernorm.weight", hidden));
            parameters.add(Parameter.scale(prefix + "self_attn.q_norm.weight", headSize()));
            parameters.add(Parameter.scale(prefix + "self_attn.k_norm.weight", headSize()));
            parameters.add(Parameter.scale(prefix + "post_attention_layernorm.weight", hidden));
        }
        parameters.add(Parameter.scale("model.norm.weight", hidden));
        return parameters;
    }
}
