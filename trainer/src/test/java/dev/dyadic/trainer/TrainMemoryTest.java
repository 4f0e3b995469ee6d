package dev.dyadic.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.trainer.model.ModelConfig;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainMemoryTest {
    private static final int VOCABULARY = 50_257;
    private static final int LONGEST = 1024;

    /// Peaks of resident memory of `dyadic train` with two steps, measured on Linux.
    @ParameterizedTest
    @CsvSource({"tiny,2048,1410", "tiny,8192,1756", "small,2048,2555", "small,8192,4775"})
    void itIsNearToWhatWasMeasured(String model, int microTokens, long measuredMebibytes) {
        TrainMemory memory = TrainMemory.of(
                ModelConfig.named(model, VOCABULARY, ModelConfig.DEFAULT_ROTARY_BASE, true), LONGEST, microTokens);

        assertThat(memory.neededBytes() >> 20).isCloseTo(measuredMebibytes, Percentage.withPercentage(10));
    }

    @ParameterizedTest
    @CsvSource({"1000,999", "3000000000,2999999999"})
    void lessThanThatIsRefusedWithWhatHelps(long needed, long available) {
        TrainMemory memory = new TrainMemory(needed);

        memory.require(needed, 8192);
        assertThatThrownBy(() -> memory.require(available, 8192))
                .isInstanceOf(TrainerException.class)
                .hasMessage("training needs about " + (needed >> 20)
                        + " MiB of memory, but this machine, or container, has "
                        + (available >> 20)
                        + ", and would kill it: lower --micro-tokens (it is 8192), take a smaller --model, open a run with"
                        + " a smaller --max-length, give it more memory, or try it with --no-memory-check");
    }
}
