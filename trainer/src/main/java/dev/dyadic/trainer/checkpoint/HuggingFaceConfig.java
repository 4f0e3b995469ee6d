package dev.dyadic.trainer.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.trainer.model.ModelConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `config.json` as the `transformers` library reads it. Its name for a Llama with query/key norm is Qwen3.
final class HuggingFaceConfig {
    /// Rotary positions go on for ever; the library wants a bound.
    private static final int MAX_POSITIONS = 1 << 17;

    private HuggingFaceConfig() {}

    static byte[] of(ModelConfig config) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("architectures", List.of("Qwen3ForCausalLM"));
        json.put("model_type", "qwen3");
        json.put("vocab_size", config.paddedVocabulary());
        json.put("hidden_size", config.hidden());
        json.put("num_hidden_layers", config.layers());
        json.put("num_attention_heads", config.heads());
        json.put("num_key_value_heads", config.heads());
        json.put("head_dim", config.headSize());
        json.put("intermediate_size", config.feedForward());
        json.put("hidden_act", "silu");
        json.put("rms_norm_eps", ModelConfig.NORM_EPSILON);
        json.put("rope_theta", config.rotaryBase());
        json.put("max_position_embeddings", MAX_POSITIONS);
        json.put("attention_bias", false);
        json.put("tie_word_embeddings", config.tied());
        json.put("torch_dtype", "float32");
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map is not written as JSON", e);
        }
    }
}
