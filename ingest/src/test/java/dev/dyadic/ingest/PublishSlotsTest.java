package dev.dyadic.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PublishSlotsTest {
    private static final long YIELD = 5;

    /// Silent since the given time, or never.
    private static final class Call implements PublishSlots.Occupant {
        private final @Nullable Long silentSince;
        private String ended = "";

        Call(@Nullable Long silentSince) {
            this.silentSince = silentSince;
        }

        @Override
        public @Nullable Long silentSinceNanos() {
            return silentSince;
        }

        @Override
        public void end(String reason) {
            ended = reason;
        }
    }

    @Test
    void oneCallerHasHalfTheNextAQuarter() {
        PublishSlots slots = new PublishSlots(8, YIELD);

        assertThat(entered(slots, "a", 9)).isEqualTo(4);
        assertThat(entered(slots, "b", 9)).isEqualTo(2);
        assertThat(entered(slots, "c", 9)).isEqualTo(1);
        assertThat(entered(slots, "d", 9)).isEqualTo(1);
        assertThat(slots.enter("e", new Call(null), 100))
                .isEqualTo(new PublishSlots.Entry.Refused("at most 8 calls publish at a time: try again later"));
    }

    @Test
    void aCallerThatHasItsShareIsToldHowManyAreLeft() {
        PublishSlots slots = new PublishSlots(4, YIELD);
        entered(slots, "a", 2);

        assertThat(slots.enter("a", new Call(null), 0))
                .isEqualTo(
                        new PublishSlots.Entry.Refused(
                                "a has 2 calls that publish, and 2 places are left for others: send more documents in each call"));
    }

    @Test
    void theCallThatWasSilentLongestGivesItsPlaceToACallerWithoutOne() {
        PublishSlots slots = new PublishSlots(3, YIELD);
        Call busy = new Call(null);
        Call silent = new Call(3L);
        Call longer = new Call(2L);
        enter(slots, "a", busy, 0);
        enter(slots, "b", silent, 0);
        enter(slots, "c", longer, 0);

        // Not before its time, and not to one who has a place.
        assertThat(slots.enter("d", new Call(null), 6)).isInstanceOf(PublishSlots.Entry.Refused.class);
        assertThat(slots.enter("a", new Call(null), 100)).isInstanceOf(PublishSlots.Entry.Refused.class);
        assertThat(longer.ended).isEmpty();

        assertThat(slots.enter("d", new Call(null), 7)).isInstanceOf(PublishSlots.Entry.Taken.class);
        assertThat(longer.ended)
                .isEqualTo(
                        "this call was silent, and its place is needed by another caller: open another call when there"
                                + " is something to publish");
        assertThat(busy.ended + silent.ended).isEmpty();
    }

    @Test
    void aPlaceIsGivenBackOnce() {
        PublishSlots slots = new PublishSlots(2, YIELD);
        PublishSlots.Slot first = enter(slots, "a", new Call(null), 0);
        enter(slots, "b", new Call(null), 0);

        slots.leave(first);
        slots.leave(first);

        assertThat(entered(slots, "c", 5)).isEqualTo(1);
    }

    @Test
    void callsThatAreSilentForLongAreFound() {
        PublishSlots slots = new PublishSlots(4, YIELD);
        Call since10 = new Call(10L);
        enter(slots, "a", since10, 0);
        enter(slots, "b", new Call(11L), 0);
        enter(slots, "c", new Call(null), 0);

        assertThat(slots.silent(30, 20)).containsExactly(since10);
    }

    static Stream<Integer> seeds() {
        return IntStream.range(0, 50).boxed();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void neverMoreThanThereAreAndAllCanBeTakenAgain(int seed) {
        Random random = new Random(seed);
        int max = 1 + random.nextInt(10);
        PublishSlots slots = new PublishSlots(max, Long.MAX_VALUE);
        List<PublishSlots.Slot> taken = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            if (random.nextBoolean() && !taken.isEmpty()) {
                slots.leave(taken.remove(random.nextInt(taken.size())));
            } else if (slots.enter("caller-" + random.nextInt(4), new Call(null), i)
                    instanceof PublishSlots.Entry.Taken(PublishSlots.Slot slot)) {
                taken.add(slot);
            }
            assertThat(taken.size()).isLessThanOrEqualTo(max);
        }
        taken.forEach(slots::leave);

        long others = IntStream.range(0, 20)
                .filter(i -> entered(slots, "new-" + i, 1) == 1)
                .count();
        assertThat(others).isEqualTo(max);
    }

    private static int entered(PublishSlots slots, String caller, int calls) {
        int entered = 0;
        for (int i = 0; i < calls; i++) {
            entered += slots.enter(caller, new Call(null), 100) instanceof PublishSlots.Entry.Taken ? 1 : 0;
        }
        return entered;
    }

    private static PublishSlots.Slot enter(PublishSlots slots, String caller, Call call, long now) {
        return ((PublishSlots.Entry.Taken) slots.enter(caller, call, now)).slot();
    }
}
