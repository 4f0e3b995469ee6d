package dev.dyadic.sampler.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PeriodicTest {
    @Test
    void survivesWhateverARoundThrows() throws InterruptedException {
        AtomicInteger rounds = new AtomicInteger();
        CountDownLatch later = new CountDownLatch(1);
        Runnable round = () -> {
            switch (rounds.incrementAndGet()) {
                case 1 -> throw new IllegalStateException("a part is not there yet");
                case 2 -> throw new AssertionError("an error, and no exception");
                case 3 -> {}
                default -> later.countDown();
            }
        };

        try (Periodic _ = new Periodic("test", 1, round)) {
            assertThat(later.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aCloseEndsIt() throws InterruptedException {
        AtomicInteger rounds = new AtomicInteger();
        CountDownLatch first = new CountDownLatch(1);
        Periodic periodic = new Periodic("test", 1, () -> {
            rounds.incrementAndGet();
            first.countDown();
        });
        first.await();

        periodic.close();

        int ended = rounds.get();
        TimeUnit.MILLISECONDS.sleep(20);
        assertThat(rounds).hasValue(ended);
    }
}
