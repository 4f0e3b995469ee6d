package dev.dyadic.sampler.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Laws 1, 3, 4 and 6 over whole lives of a few replicas, by seed.
class SimulationTest {
    private static final int SEEDS = 300;

    static LongStream seeds() {
        return LongStream.range(0, SEEDS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyLifeKeepsTheLaws(long seed) {
        Simulation.Result result = Simulation.run(seed, PlantedBug.NONE);

        assertThat(result.brokenLaw()).isEmpty();
    }

    @Test
    void aSeedGivesTheSameLifeAgain() {
        assertThat(Simulation.run(7, PlantedBug.NONE)).isEqualTo(Simulation.run(7, PlantedBug.NONE));
    }

    @Test
    void livesAreEventful() {
        Simulation.Counts counts = seeds().mapToObj(
                        seed -> Simulation.run(seed, PlantedBug.NONE).counts())
                .reduce(Simulation.Counts.NONE, Simulation.Counts::plus);

        assertThat(counts.steps()).isGreaterThan(SEEDS * 100L);
        assertThat(counts.cycles()).isGreaterThan(SEEDS * 5L);
        assertThat(counts.lostRaces()).isGreaterThan(SEEDS);
        assertThat(counts.amendments()).isGreaterThan(SEEDS);
        assertThat(counts.forks()).isGreaterThan(SEEDS / 2L);
        assertThat(counts.shedRows()).isGreaterThan(SEEDS);
        assertThat(counts.refused()).isGreaterThan(SEEDS / 10L);
    }

    @ParameterizedTest
    @EnumSource(value = PlantedBug.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aPlantedBugIsFound(PlantedBug bug) {
        long found = seeds().filter(
                        seed -> Simulation.run(seed, bug).brokenLaw().isPresent())
                .count();

        assertThat(found).isPositive();
    }
}
