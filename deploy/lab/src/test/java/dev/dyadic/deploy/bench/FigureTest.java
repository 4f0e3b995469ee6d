package dev.dyadic.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FigureTest {
    @Test
    void showsTheMedianAndTheEnds() {
        assertThat(Figure.of("speed", "Mtok/s", 3, 9, 1)).isEqualTo(new Figure("speed", "Mtok/s", 3, 1, 9));
    }
}
