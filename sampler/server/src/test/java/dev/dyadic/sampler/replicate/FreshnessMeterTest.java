package dev.dyadic.sampler.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FreshnessMeterTest {
    private static final long MINUTE = FreshnessMeter.PART_MILLIS;
    private static final long HOUR = 60 * MINUTE;

    private final FreshnessMeter meter = new FreshnessMeter(0);

    @Test
    void measuresFromPublishingToServing() {
        meter.record(1_000, 1_040, 1);
        meter.record(1_010, 1_005, 2);

        assertThat(meter.snapshot(3)).isEqualTo(new FreshnessMeter.Snapshot(2, 0, 40, 40));
    }

    @Test
    void whatAClockThatJumpedHasMeasuredIsForgotten() {
        meter.record(0, HOUR, 0);
        assertThat(meter.snapshot(0).maxMillis()).isGreaterThanOrEqualTo(HOUR);

        for (long minute = 1; minute < 10; minute++) {
            meter.record(minute * MINUTE, minute * MINUTE + 20, minute * MINUTE);
        }

        assertThat(meter.snapshot(9 * MINUTE).maxMillis()).isGreaterThanOrEqualTo(HOUR);
        assertThat(meter.snapshot(10 * MINUTE)).isEqualTo(new FreshnessMeter.Snapshot(9, 20, 20, 20));
        assertThat(meter.snapshot(12 * MINUTE)).isEqualTo(new FreshnessMeter.Snapshot(7, 20, 20, 20));
    }

    @Test
    void afterALongSilenceNothingIsKnown() {
        meter.record(0, 10, 0);

        assertThat(meter.snapshot(HOUR)).isEqualTo(new FreshnessMeter.Snapshot(0, 0, 0, 0));
        meter.record(HOUR, HOUR + 7, HOUR);
        assertThat(meter.snapshot(HOUR)).isEqualTo(new FreshnessMeter.Snapshot(1, 7, 7, 7));
    }

    @Test
    void aProcessWhoseClockBeganBelowZeroIsMeasuredToo() {
        FreshnessMeter early = new FreshnessMeter(-3 * MINUTE - 1);

        early.record(0, 5, -2 * MINUTE);
        early.record(0, 9, MINUTE);

        assertThat(early.snapshot(MINUTE).rows()).isEqualTo(2);
        assertThat(early.snapshot(9 * MINUTE).rows()).isEqualTo(1);
    }
}
