package dev.dyadic.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.InvalidException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigTest {
    /// Weights of the blocks, embeddings and norms, counted by hand from the sizes.
    @ParameterizedTest
    @CsvSource({
        "tiny, 128, 2, 384, 4",
        "small, 384, 6, 1024, 6",
        "160m, 768, 12, 2048, 12",
        "410m, 1024, 24, 2816, 16",
        "1b, 2048, 24, 5632, 16"
    })
    void sizesHaveAsManyParametersAsTheirShapesSay(
            String size, long hidden, long layers, long feedForward, long heads) {
        long blocks = layers * (4 * hidden * hidden + 3 * hidden * feedForward);
        long norms = hidden + layers * (2 * hidden + 2 * (hidden / heads));

        assertThat(named(size, true).parameters()).isEqualTo(blocks + norms + 50_304 * hidden);
        assertThat(named(size, false).parameters()).isEqualTo(blocks + norms + 2 * 50_304 * hidden);
    }

    @Test
    void ownSizesAreTaken() {
        assertThat(named("hidden=512, layers=8, heads=8, feed-forward=1408", true))
                .isEqualTo(new ModelConfig(50_257, 512, 8, 8, 1408, 100_000, true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "huge",
                "hidden=512",
                "hidden=512,layers=8,heads=8,feed-forward=x",
                "hidden=512,layers=8,heads=8,feed-forward=1408,depth=3",
                "hidden=512,hidden=512,layers=8,heads=8,feed-forward=1408"
            })
    void whatIsNoSizeIsRefused(String model) {
        assertThatThrownBy(() -> named(model, true))
                .isInstanceOf(InvalidException.class)
                .hasMessage("model must be one of tiny, small, 160m, 410m, 1b, or"
                        + " hidden=…,layers=…,heads=…,feed-forward=…, but was " + model);
    }

    @Test
    void headsMustFit() {
        assertThatThrownBy(() -> named("hidden=100,layers=1,heads=3,feed-forward=10", true))
                .hasMessage("model.hidden must be an even multiple of heads, but was hidden=100, heads=3");
    }

    private static ModelConfig named(String model, boolean tied) {
        return ModelConfig.named(model, 50_257, ModelConfig.DEFAULT_ROTARY_BASE, tied);
    }
}
