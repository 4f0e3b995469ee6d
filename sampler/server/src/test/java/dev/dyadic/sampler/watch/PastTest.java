package dev.dyadic.sampler.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class PastTest {
    @Test
    void theNewestMomentsAreKeptInTheirOrder() {
        AtomicLong clock = new AtomicLong();
        try (Past past = new Past(() -> new Past.Moment(clock.incrementAndGet(), 0, 0, 0, 0))) {
            for (int i = 0; i < 2 * Past.MAX_MOMENTS; i++) {
                past.remember();
            }
            assertThat(past.moments())
                    .hasSize(Past.MAX_MOMENTS)
                    .isSortedAccordingTo((a, b) -> Long.compare(a.atMillis(), b.atMillis()));
            // The clock counts moments: the oldest one that is kept came after the first so many.
            assertThat(past.moments().getFirst().atMillis()).isGreaterThan(Past.MAX_MOMENTS);
        }
    }
}
