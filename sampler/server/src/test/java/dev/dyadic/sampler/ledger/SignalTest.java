package dev.dyadic.sampler.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SignalTest {
    private final Signal signal = new Signal();

    @Test
    void whatWasRaisedBeforeTheWaitIsNotMissed() throws InterruptedException {
        long seen = signal.version();
        signal.raise();

        assertThat(signal.await(seen, 0)).isTrue();
        assertThat(signal.await(signal.version(), 0)).isFalse();
    }

    @Test
    void aWaitEndsWhenSomethingGrows() throws InterruptedException {
        long seen = signal.version();
        Thread raiser = Thread.ofVirtual().start(signal::raise);

        assertThat(signal.await(seen, TimeUnit.SECONDS.toNanos(30))).isTrue();
        raiser.join();
    }
}
