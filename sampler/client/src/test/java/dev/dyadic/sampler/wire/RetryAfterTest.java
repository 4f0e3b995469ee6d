package dev.dyadic.sampler.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import org.junit.jupiter.api.Test;

class RetryAfterTest {
    @Test
    void whatIsNoNumberAsksForNothing() {
        assertThat(RetryAfter.millis(null)).isEmpty();
        assertThat(RetryAfter.millis(new Metadata())).isEmpty();
        assertThat(RetryAfter.millis(trailers("soon"))).isEmpty();
        assertThat(RetryAfter.millis(trailers("-1"))).isEmpty();
        assertThat(RetryAfter.millis(trailers(""))).isEmpty();
        assertThat(RetryAfter.millis(trailers("9".repeat(40)))).isEmpty();
    }

    @Test
    void comesBackFromItsText() {
        assertThat(RetryAfter.millis(trailers(RetryAfter.text(750)))).hasValue(750);
    }

    private static Metadata trailers(String text) {
        Metadata trailers = new Metadata();
        trailers.put(RetryAfter.KEY, text);
        return trailers;
    }
}
