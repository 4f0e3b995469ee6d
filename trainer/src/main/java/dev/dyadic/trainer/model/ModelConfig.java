package dev.dyadic.trainer.model;

import dev.dyadic.proto.InvalidException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Sizes of the transformer.
///
/// @param vocabularySize ids that the corpus has
/// @param hidden width of the residual stream
/// @param feedForward width inside the SwiGLU
/// @param rotaryBase of the rotary positions: 100,000 in the authors' code
/// @param tied whether the output projection is the embedding
public record ModelConfig(
        int vocabularySize, int hidden, int layers, int heads, int feedForward, double rotaryBase, boolean tied) {
    public static final double DEFAULT_ROTARY_BASE = 100_000;
    /// The epsilon of the root mean square norms.
    public static final double NORM_EPSILON = 1e-5;

    private static final int VOCABULARY_MULTIPLE = 64;
    private static final Map<String, Shape> SIZES = sizes();

    private record Shape(int hidden, int layers, int heads, int feedForward) {}

    public ModelConfig {
        if (vocabularySize < 1 || layers < 1 || feedForward < 1) {
            throw new InvalidException("model sizes must be positive, but were vocabulary=" + vocabularySize
                    + ", layers=" + layers + ", feed-forward=" + feedForward);
        }
        if (heads < 1 || hidden < 2 || hidden % heads != 0 || hidden / heads % 2 != 0) {
            throw new InvalidException(
                    "model.hidden must be an even multiple of heads, but was hidden=" + hidden + ", heads=" + heads);
        }
        if (!(rotaryBase > 1) || Double.isInfinite(rotaryBase)) {
            throw new InvalidException("model.rotary-base must be more than 1, but was " + rotaryBase);
        }
    }

    /// 160m, 410m and 1b are OpenLM's; the others are for CPUs.
    private static Map<String, Shape> sizes() {
        Map<String, Shape> sizes = new LinkedHashMap<>();
        sizes.put("tiny", new Shape(128, 2, 4, 384));
        sizes.put("small", new Shape(384, 6, 6, 1024));
        sizes.put("160m", new Shape(768, 12, 12, 2048));
        sizes.put("410m", new Shape(1024, 24, 16, 2816));
        sizes.put("1b", new Shape(2048, 24, 16, 5632));
        return sizes;
    }

    /// @param model a size's name, or own sizes: `hidden=512,layers=8,heads=8,feed-forward=1408`
    public static ModelConfig named(String model, int vocabularySize, double rotaryBase, boolean tied) {
        Shape shape = SIZES.get(model);
        if (shape == null) {
            shape = parse(model);
        }
        return new ModelConfig(
                vocabularySize, shape.hidden(), shape.layers(), shape.heads(), shape.feedForward(), rotaryBase, tied);
    }

    private static Shape parse(String model) {
        String expected = "model must be one of " + String.join(", ", SIZES.keySet())
                + ", or hidden=…,layers=…,heads=…,feed-forward=…, but was " + model;
        Map<String, Integer> values = new LinkedHashMap<>();
        for (String part : model.split(",", -1)) {
            String[] pair = part.split("=", -1);
            try {
                if (pair.length != 2 || values.put(pair[0].strip(), Integer.parseInt(pair[1].strip())) != null) {
                    throw new InvalidException(expected);
                }
            } catch (NumberFormatException e) {
                throw new InvalidException(expected, e);
            }
        }
        Integer hidden = values.remove("hidden");
        Integer layers = values.remove("layers");
        Integer heads = values.remove("heads");
        Integer feedForward = values.remove("feed-forward");
        if (hidden == null || layers == null || heads == null || feedForward == null || !values.isEmpty()) {
            throw new InvalidException(expected);
        }
        return new Shape(hidden, layers, heads, feedForward);
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

    /// Every parameter: matrices first, then scales, each in the order in which the module takes them.
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
        if (!tied) {
            parameters.add(Parameter.matrix("lm_head.weight", paddedVocabulary(), hidden));
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
