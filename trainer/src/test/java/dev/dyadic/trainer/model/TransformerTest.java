package dev.dyadic.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TransformerTest {
    private static final ModelConfig CONFIG = new ModelConfig(257, 32, 2, 2, 64, ModelConfig.DEFAULT_ROTARY_BASE);

    @Test
    void firstLossIsThatOfAUniformGuess() {
        try (Transformer model = Transformer.load(CONFIG, 1)) {
            float loss = model.loss(model.initialState(7), rows(4, 64, 1));

            assertThat((double) loss).isCloseTo(Math.log(CONFIG.paddedVocabulary()), within(0.1));
        }
    }

    @Test
    void learnsABatchByHeartWhateverItsLength() {
        try (Transformer model = Transformer.load(CONFIG, 1)) {
            ModelState state = model.initialState(7);
            float first = model.loss(state, rows(4, 64, 1));

            for (int i = 0; i < 100; i++) {
                model.step(state, rows(4, 64, 1), 1e-2, AdamW.DEFAULT, 256, () -> false);
                model.step(state, rows(8, 32, 2), 1e-2, AdamW.DEFAULT, 256, () -> false);
            }

            assertThat(model.loss(state, rows(4, 64, 1))).isLessThan(first / 2);
        }
    }

    @Test
    void sameSeedGivesTheSameLossesToTheBit() {
        assertThat(losses(7)).isEqualTo(losses(7)).isNotEqualTo(losses(8));
    }

    @Test
    void microBatchesGiveTheSameStepUpToRounding() {
        try (Transformer model = Transformer.load(CONFIG, 1)) {
            ModelState whole = model.initialState(7);
            ModelState cut = model.initialState(7);

            Transformer.StepResult atOnce = model.step(whole, rows(8, 32, 3), 1e-2, AdamW.DEFAULT, 256, () -> false);
            Transformer.StepResult inParts = model.step(cut, rows(8, 32, 3), 1e-2, AdamW.DEFAULT, 96, () -> false);

            assertThat(inParts.loss()).isCloseTo(atOnce.loss(), within(1e-5f));
            assertThat(inParts.gradientNorm()).isCloseTo(atOnce.gradientNorm(), within(1e-4f));
            assertThat(model.loss(cut, rows(8, 32, 4))).isCloseTo(model.loss(whole, rows(8, 32, 4)), within(1e-3f));
        }
    }

    private static List<Float> losses(long seed) {
        List<Float> losses = new ArrayList<>();
        try (Transformer model = Transformer.load(CONFIG, 1)) {
            ModelState state = model.initialState(seed);
            for (int i = 0; i < 5; i++) {
                losses.add(model.step(state, rows(4, 32, i), 1e-3, AdamW.DEFAULT, 256, () -> false)
                        .loss());
            }
        }
        return losses;
    }

    private static Transformer.TokenRows rows(int rows, int length, long seed) {
        long[] ids = new Random(seed).longs((long) rows * (length + 1), 0, 257).toArray();
        return new Transformer.TokenRows(ids, rows);
    }
}
