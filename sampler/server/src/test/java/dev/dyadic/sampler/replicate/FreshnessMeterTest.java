package dev.dyadic.sampler.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FreshnessMeterTest {
    @Test
    void whatWasPublishedBeforeItBeganDoesNotCount() {
        FreshnessMeter meter = new FreshnessMeter(1_000);

        meter.record(999, 5_000);
        meter.record(1_000, 1_040);
        meter.record(1_010, 1_005);

        assertThat(meter.snapshot()).isEqualTo(new FreshnessMeter.Snapshot(2, 0, 40, 40));
    }
}
