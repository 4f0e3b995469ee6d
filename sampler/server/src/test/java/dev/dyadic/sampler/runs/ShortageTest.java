package dev.dyadic.sampler.runs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.sampler.order.Plan;
import org.junit.jupiter.api.Test;

class ShortageTest {
    private static final Plan.NotEnough MISSING = new Plan.NotEnough(2, 8, "length 64 has 3 of 16 rows per step");

    @Test
    void beforeTheFirstAttemptItNamesNoTime() {
        assertThat(Shortage.NONE.describe(0, 1_000, 9_000))
                .isEqualTo("nobody has looked yet whether there is enough data; ask again");
        assertThat(Shortage.NONE.waitedMillis(0, 1_000)).isZero();
    }

    @Test
    void saysWhatIsMissingForHowLongAndSinceWhen() {
        Shortage shortage = Shortage.NONE.again(4, 1_000, MISSING).again(4, 2_500, MISSING);

        assertThat(shortage.describe(4, 3_000, 2_000))
                .isEqualTo("2 of 8 steps are there, for 2000 ms, since 1970-01-01T00:00:00Z; length 64 has 3 of 16 rows"
                        + " per step");
        assertThat(shortage.waitedMillis(4, 3_000)).isEqualTo(2_000);
    }

    @Test
    void theNextCycleWaitsAnew() {
        Shortage shortage = Shortage.NONE.again(4, 1_000, MISSING);

        assertThat(shortage.waitedMillis(5, 3_000)).isZero();
        assertThat(shortage.describe(5, 3_000, 2_000)).isEqualTo(Shortage.NONE.describe(5, 3_000, 2_000));
        assertThat(shortage.again(5, 3_000, MISSING).sinceMillis()).isEqualTo(3_000);
    }
}
