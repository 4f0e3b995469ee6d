package dev.dyadic.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateTest {
    private final LearningRate rate = new LearningRate(1.0, 0.1, 10, 110);

    @Test
    void warmsUpThenFallsAlongACosine() {
        assertThat(rate.at(0)).isCloseTo(0.1, within(1e-12));
        assertThat(rate.at(9)).isCloseTo(1.0, within(1e-12));
        assertThat(rate.at(10)).isCloseTo(1.0, within(1e-12));
        assertThat(rate.at(60)).isCloseTo(0.55, within(1e-12));
        assertThat(rate.at(110)).isCloseTo(0.1, within(1e-12));
        assertThat(rate.at(1_000)).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void refusesWhatIsNoRate() {
        assertThatThrownBy(() -> new LearningRate(0, 0.1, 1, 1)).hasMessageContaining("peak > 0");
    }
}
