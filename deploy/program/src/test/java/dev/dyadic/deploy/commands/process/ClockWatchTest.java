package dev.dyadic.deploy.commands.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClockWatchTest {
    private static final long HOUR = 3_600_000;

    private final ClockWatch watch = new ClockWatch(10 * HOUR, 5_000);

    @Test
    void aClockThatGoesEvenlyOrForwardIsNoMatter() {
        assertThat(watch.look(10 * HOUR + 1_000, 6_000)).isEmpty();
        assertThat(watch.look(10 * HOUR + 500, 7_000)).isEmpty();
        assertThat(watch.look(12 * HOUR, 8_000)).isEmpty();
    }

    @Test
    void aClockThatIsSetBackIsToldOnce() {
        assertThat(watch.look(9 * HOUR, 6_000))
                .contains("this machine's clock was set back by 3601 s, and Kafka's clients would wait until it is that"
                        + " late again: start this program again");
        assertThat(watch.look(9 * HOUR + 1_000, 7_000)).isEmpty();
    }
}
