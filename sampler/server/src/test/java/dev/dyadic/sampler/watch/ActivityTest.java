package dev.dyadic.sampler.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ActivityTest {
    private final AtomicLong millis = new AtomicLong(5);
    private final Activity activity = new Activity((InstantSource) () -> Instant.ofEpochMilli(millis.get()));

    @Test
    void knowsWhereATrainingIsAlsoWhenItGoesBack() {
        serve("run", 7, 64, 0, 8);
        serve("run", 3, 128, 0, 2);

        assertThat(activity.of("run").lastStep()).isEqualTo(3);
        assertThat(activity.of("run").tokens()).isEqualTo(64 * 8 + 128 * 2);
        assertThat(activity.of("run").servedMillis()).isEqualTo(5);
        assertThat(activity.of("other").lastStep()).isEqualTo(-1);
    }

    @Test
    void aRankIsOneWhateverItsConnectionAndWaitsFromItsOldestCallOn() {
        for (int step = 0; step < 3; step++) {
            for (int rank = 0; rank < 2; rank++) {
                try (Activity.Call call = activity.asks("run", step, rank, 2)) {
                    call.served(step, 64, 4 * rank, 4 * rank + 4);
                }
            }
        }
        millis.set(100);
        Activity.Call first = activity.asks("run", 3, 1, 2);
        millis.set(200);
        Activity.Call second = activity.asks("run", 4, 1, 2);

        assertThat(ranks()).extracting(Activity.Rank::rank).containsExactly(0, 1);
        assertThat(ranks()).extracting(Activity.Rank::step).containsExactly(2L, 2L);
        assertThat(ranks()).extracting(Activity.Rank::askedStep).containsExactly(-1L, 3L);
        assertThat(ranks()).extracting(Activity.Rank::waitingMillis).containsExactly(-1L, 100L);

        first.close();
        assertThat(ranks().getLast().askedStep()).isEqualTo(4);
        second.close();
        assertThat(ranks().getLast().waitingMillis()).isEqualTo(-1);
    }

    @Test
    void aRankThatAsksAgainWaitsFromTheFirstTimeOn() {
        millis.set(100);
        activity.asks("run", 3, 0, 1).close();
        millis.set(30_200);
        try (Activity.Call call = activity.asks("run", 3, 0, 1)) {
            assertThat(ranks().getFirst().waitingMillis()).isEqualTo(30_100);
            call.served(3, 64, 0, 4);
        }
        try (Activity.Call _ = activity.asks("run", 3, 0, 1)) {
            assertThat(ranks().getFirst().waitingMillis()).isZero();
        }
    }

    @Test
    void aLossThatIsToldAgainTakesThePlaceOfTheFirst() {
        for (int step = 0; step < 10; step++) {
            activity.lossReported("run", step, 64, 9);
        }
        activity.lossReported("run", 9, 64, 1);

        assertThat(losses()).hasSize(10).endsWith(new Activity.Loss(8, 9), new Activity.Loss(9, 1));
    }

    @Test
    void aTrainingThatGoesBackIsSeen() {
        for (int step = 0; step < 2 * Activity.MAX_LOSSES; step++) {
            activity.lossReported("run", step, 64, 9);
        }
        activity.lossReported("run", 900, 128, 3);
        assertThat(losses()).last().isEqualTo(new Activity.Loss(899, 9));

        activity.lossReported("run", 0, 64, 1);
        activity.lossReported("run", 1, 64, 2);

        assertThat(losses()).containsExactly(new Activity.Loss(0, 1), new Activity.Loss(1, 2));
        assertThat(activity.of("run").losses().get(128)).isEmpty();
    }

    @Test
    void isBounded() {
        for (int step = 0; step < 2 * Activity.MAX_LOSSES; step++) {
            activity.lossReported("run", step, 64, step);
        }

        assertThat(losses())
                .hasSize(Activity.MAX_LOSSES)
                .last()
                .satisfies(loss -> assertThat(loss.step()).isEqualTo(2 * Activity.MAX_LOSSES - 1));
    }

    private List<Activity.Rank> ranks() {
        return activity.ranks(millis.get());
    }

    private List<Activity.Loss> losses() {
        return activity.of("run").losses().getOrDefault(64, List.of());
    }

    private void serve(String run, long step, int length, int firstRow, int endRow) {
        try (Activity.Call call = activity.asks(run, step, 0, 1)) {
            call.served(step, length, firstRow, endRow);
        }
    }
}
