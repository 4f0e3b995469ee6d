package dev.dyadic.sampler.gather;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeptStepsTest {
    private final List<Integer> dropped = new ArrayList<>();

    @Test
    void keepsSoManyAndDropsTheOldest() {
        KeptSteps<Integer> kept = new KeptSteps<>(2, 100, dropped::add);

        kept.keep(1, 10);
        kept.keep(2, 10);
        kept.keep(1, 10);
        kept.keep(3, 10);

        assertThat(dropped).containsExactly(1);
    }

    @Test
    void keepsSoManyBytes() {
        KeptSteps<Integer> kept = new KeptSteps<>(10, 100, dropped::add);

        kept.keep(1, 60);
        kept.keep(2, 40);
        kept.keep(3, 50);
        kept.keep(4, 101);

        assertThat(dropped).containsExactly(1, 2, 3, 4);
    }
}
