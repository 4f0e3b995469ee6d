package dev.dyadic.sampler.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class ActivityTest {
    private final Activity activity = new Activity(InstantSource.fixed(Instant.ofEpochMilli(5)));

    @Test
    void keepsTheLengthsOfTheNewestStepsAndMarksThoseThatWereNotServedHere() {
        activity.served("run", 3, 64, 0, 8);
        activity.served("run", 1, 128, 0, 2);

        assertThat(activity.of("run")).hasValueSatisfying(lately -> {
            assertThat(lately.lastStep()).isEqualTo(3);
            assertThat(lately.firstStep()).isZero();
            assertThat(lately.lengths()).containsExactly(-1, 128, -1, 64);
            assertThat(lately.tokens()).isEqualTo(64 * 8 + 128 * 2);
        });
        assertThat(activity.of("other")).isEmpty();
    }

    @Test
    void isBounded() {
        long last = 3L * Activity.MAX_STEPS;
        activity.served("run", last, 64, 0, 1);
        for (int step = 0; step < 2 * Activity.MAX_LOSSES; step++) {
            activity.lossReported("run", step, 64, step);
        }

        assertThat(activity.of("run")).hasValueSatisfying(lately -> {
            assertThat(lately.lengths()).hasSize(Activity.MAX_STEPS);
            assertThat(lately.losses().get(64))
                    .hasSize(Activity.MAX_LOSSES)
                    .last()
                    .satisfies(loss -> assertThat(loss.step()).isEqualTo(2 * Activity.MAX_LOSSES - 1));
        });
    }
}
