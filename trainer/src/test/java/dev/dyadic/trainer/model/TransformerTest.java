package dev.dyadic.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.EngineException;
import dev.dyadic.trainer.TrainerException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransformerTest {
    private static final ModelConfig CONFIG = config(true);
    private static final TransformerOptions ONE_THREAD = TransformerOptions.CPU.withThreads(1);
    private static final int END = 256;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void firstLossIsThatOfAUniformGuess(boolean tied) {
        try (Transformer model = Transformer.load(config(tied), ONE_THREAD)) {
            float loss = loss(model, model.initialState(7), rows(4, 64, 1));

            assertThat((double) loss).isCloseTo(Math.log(CONFIG.paddedVocabulary()), within(0.1));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void learnsABatchByHeartWhateverItsLength(boolean tied) {
        try (Transformer model = Transformer.load(config(tied), ONE_THREAD)) {
            ModelState state = model.initialState(7);
            float first = loss(model, state, rows(4, 64, 1));

            for (int i = 0; i < 100; i++) {
                step(model, state, rows(4, 64, 1), 256);
                step(model, state, rows(8, 32, 2), 256);
            }

            assertThat(loss(model, state, rows(4, 64, 1))).isLessThan(first / 2);
        }
    }

    @Test
    void learnsInBfloat16Too() {
        try (Transformer model = Transformer.load(CONFIG, ONE_THREAD.withPrecision(Precision.BFLOAT16))) {
            ModelState state = model.initialState(7);
            float first = loss(model, state, rows(4, 64, 1));

            for (int i = 0; i < 100; i++) {
                step(model, state, rows(4, 64, 1), 256);
            }

            assertThat(loss(model, state, rows(4, 64, 1))).isLessThan(first / 2);
        }
    }

    @Test
    void bfloat16DiffersByLittle() {
        try (Transformer exact = Transformer.load(CONFIG, ONE_THREAD);
                Transformer rough = Transformer.load(CONFIG, ONE_THREAD.withPrecision(Precision.BFLOAT16))) {
            float exactLoss = loss(exact, exact.initialState(7), rows(4, 64, 1));
            float roughLoss = loss(rough, rough.initialState(7), rows(4, 64, 1));

            assertThat(roughLoss).isNotEqualTo(exactLoss).isCloseTo(exactLoss, within(0.01f));
        }
    }

    @Test
    void sameSeedGivesTheSameLossesToTheBit() {
        assertThat(losses(7)).isEqualTo(losses(7)).isNotEqualTo(losses(8));
    }

    @Test
    void microBatchesGiveTheSameStepUpToRounding() {
        try (Transformer model = Transformer.load(CONFIG, ONE_THREAD)) {
            ModelState whole = model.initialState(7);
            ModelState cut = model.initialState(7);

            StepResult atOnce = step(model, whole, rows(8, 32, 3), 256);
            StepResult inParts = step(model, cut, rows(8, 32, 3), 96);

            assertThat(inParts.loss()).isCloseTo(atOnce.loss(), within(1e-5f));
            assertThat(inParts.gradientNorm()).isCloseTo(atOnce.gradientNorm(), within(1e-4f));
            assertThat(loss(model, cut, rows(8, 32, 4))).isCloseTo(loss(model, whole, rows(8, 32, 4)), within(1e-3f));
        }
    }

    @Test
    void aStepGivesTheLossOfEveryRow() {
        try (Transformer model = Transformer.load(CONFIG, ONE_THREAD)) {
            ModelState state = model.initialState(7);
            float[] before = model.evaluate(state, rows(8, 32, 3), 64);

            StepResult result = step(model, state, rows(8, 32, 3), 96);

            assertThat(result.rows()).isEqualTo(8);
            for (int row = 0; row < 8; row++) {
                assertThat(result.loss(row)).isCloseTo(before[row], within(1e-5f));
            }
        }
    }

    @Test
    void logitsInOnePieceGiveTheSameLossAsInMany() {
        try (Transformer model = Transformer.load(CONFIG, ONE_THREAD)) {
            ModelState state = model.initialState(7);
            long[] ids = ids(1, 2500, 5);

            float loss = model.evaluate(state, new TokenRows(ids.clone(), 1), 1)[0];
            float[] logits = model.logits(state, new TokenRows(ids.clone(), 1));

            assertThat((double) loss).isCloseTo(crossEntropy(logits, ids), within(1e-4));
        }
    }

    @Test
    void aMaskHidesWhatStandsBeforeTheEndOfADocument() {
        try (Transformer masked = Transformer.load(CONFIG, ONE_THREAD.withMaskAfter(END));
                Transformer plain = Transformer.load(CONFIG, ONE_THREAD)) {
            ModelState state = masked.initialState(7);
            long[] second = ids(1, 20, 2);
            long[] both = new long[31];
            System.arraycopy(ids(1, 9, 1), 0, both, 0, 9);
            both[9] = END;
            System.arraycopy(second, 0, both, 10, 21);

            float[] inBoth = masked.logits(state, new TokenRows(both, 1));
            float[] alone = plain.logits(plain.initialState(7), new TokenRows(second, 1));
            float[] unmasked = plain.logits(plain.initialState(7), new TokenRows(both, 1));

            // Positions are relative, so a document that stands further behind is the same document.
            int from = 10 * CONFIG.paddedVocabulary();
            assertThat(difference(inBoth, from, alone)).isLessThan(1e-4);
            assertThat(difference(unmasked, from, alone)).isGreaterThan(1e-2);
        }
    }

    @Test
    void aProbeLeavesNothingBehind() {
        try (Transformer model = Transformer.load(CONFIG, ONE_THREAD)) {
            ModelState probed = model.initialState(7);
            model.probe(probed, 64, 256);

            StepResult after = step(model, probed, rows(4, 64, 1), 256);

            StepResult without = step(model, model.initialState(7), rows(4, 64, 1), 256);
            assertThat(after.gradientNorm()).isEqualTo(without.gradientNorm());
        }
    }

    @Test
    void tooLittleMemoryIsTold() {
        assertThat(Transformer.isOutOfMemory(new EngineException("CUDA out of memory. Tried to allocate 2.00 GiB")))
                .isTrue();
        assertThat(Transformer.isOutOfMemory(
                        new EngineException("DefaultCPUAllocator: can't allocate memory: you tried")))
                .isTrue();
        assertThat(Transformer.isOutOfMemory(new EngineException("shape mismatch")))
                .isFalse();
        try (Transformer model = Transformer.load(CONFIG, ONE_THREAD.withMaskAfter(END))) {
            // The mask alone has 2^42 entries.
            assertThatThrownBy(() -> model.probe(model.initialState(7), 1 << 21, 1))
                    .isInstanceOf(TrainerException.class)
                    .hasMessageStartingWith("not enough memory for 1 row of length 2097152 at once");
        }
    }

    @Test
    void aDeviceThatIsNotThereIsRefused() {
        TransformerOptions options =
                new TransformerOptions(OptionalInt.of(99), 1, Precision.FLOAT32, OptionalInt.empty());

        assertThatThrownBy(() -> Transformer.load(CONFIG, options))
                .isInstanceOf(TrainerException.class)
                .hasMessageStartingWith("device cuda:99 was asked for, but PyTorch 2.7.1 sees");
    }

    private static ModelConfig config(boolean tied) {
        return new ModelConfig(257, 32, 2, 2, 64, ModelConfig.DEFAULT_ROTARY_BASE, tied);
    }

    private static List<Float> losses(long seed) {
        List<Float> losses = new ArrayList<>();
        try (Transformer model = Transformer.load(CONFIG, ONE_THREAD)) {
            ModelState state = model.initialState(seed);
            for (int i = 0; i < 5; i++) {
                losses.add(step(model, state, rows(4, 32, i), 256).loss());
            }
        }
        return losses;
    }

    private static StepResult step(Transformer model, ModelState state, TokenRows rows, int microTokens) {
        return model.step(state, rows, 1e-2, AdamW.DEFAULT, microTokens, () -> false);
    }

    private static float loss(Transformer model, ModelState state, TokenRows rows) {
        double sum = 0;
        for (float loss : model.evaluate(state, rows, 1 << 20)) {
            sum += loss;
        }
        return (float) (sum / rows.rows());
    }

    private static double crossEntropy(float[] logits, long[] ids) {
        int vocabulary = CONFIG.paddedVocabulary();
        double sum = 0;
        for (int position = 0; position + 1 < ids.length; position++) {
            double total = 0;
            for (int id = 0; id < vocabulary; id++) {
                total += Math.exp(logits[position * vocabulary + id]);
            }
            sum += Math.log(total) - logits[position * vocabulary + (int) ids[position + 1]];
        }
        return sum / (ids.length - 1);
    }

    private static double difference(float[] longer, int from, float[] shorter) {
        double most = 0;
        for (int i = 0; i < shorter.length; i++) {
            most = Math.max(most, Math.abs((double) longer[from + i] - shorter[i]));
        }
        return most;
    }

    private static TokenRows rows(int rows, int length, long seed) {
        return new TokenRows(ids(rows, length, seed), rows);
    }

    private static long[] ids(int rows, int length, long seed) {
        return new Random(seed).longs((long) rows * (length + 1), 0, 256).toArray();
    }
}
