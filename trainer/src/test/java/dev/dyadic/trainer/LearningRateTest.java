package dev.dyadic.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class LearningRateTest {
    private final LearningRate rate = LearningRate.of(1.0, 0.1, 10, 110, List.of());

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
    void warmsUpAnewWhereItIsToldTo() {
        LearningRate twice = LearningRate.of(1.0, 0.1, 10, 210, List.of(110L));

        for (long step = 0; step < 110; step++) {
            assertThat(twice.at(step)).isCloseTo(rate.at(step), within(1e-12));
        }
        assertThat(twice.at(110)).isCloseTo(0.1 + 0.9 / 10, within(1e-12));
        assertThat(twice.at(119)).isCloseTo(1.0, within(1e-12));
        assertThat(twice.at(210)).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void warmsUpAnewFromWhereItWasWhenNobodyKnewBefore() {
        LearningRate late = rate.rewarmedAt(60);

        for (long step = 0; step < 10; step++) {
            assertThat(late.at(step)).isCloseTo(rate.at(step), within(1e-12));
        }
        assertThat(late.at(60)).isCloseTo(0.55 + 0.45 / 10, within(1e-12));
        assertThat(late.at(69)).isCloseTo(1.0, within(1e-12));
        assertThat(late.at(110)).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void refusesWhatIsNoRate() {
        assertThatThrownBy(() -> LearningRate.of(0, 0.1, 1, 1, List.of())).hasMessageContaining("peak > 0");
    }
}
