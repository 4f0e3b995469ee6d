package dev.dyadic.ingest.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventTimesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2024-05-01T12:30:45Z | 2024-05-01T12:30:45Z",
                "2024-05-01t12:30:45z | 2024-05-01T12:30:45Z",
                "2024-05-01T12:30:45.123456789Z | 2024-05-01T12:30:45.123Z",
                "2024-05-01T12:30:45 | 2024-05-01T12:30:45Z",
                "2024-05-01 12:30:45 | 2024-05-01T12:30:45Z",
                "2024-05-01 12:30:45.123456+00:00 | 2024-05-01T12:30:45.123Z",
                "2024-05-01 12:30:45+0200 | 2024-05-01T10:30:45Z",
                "2024-05-01T12:30:45-05 | 2024-05-01T17:30:45Z",
                "2024-05-01 12:30:45 UTC | 2024-05-01T12:30:45Z",
                "2024-05-01 12:30 | 2024-05-01T12:30:00Z",
                "2024-05-01 | 2024-05-01T00:00:00Z",
                "1969-12-31T23:59:59Z | 1969-12-31T23:59:59Z",
                "Wed, 01 May 2024 12:30:45 GMT | 2024-05-01T12:30:45Z",
                "1714566645 | 2024-05-01T12:30:45Z",
                "1714566645.25 | 2024-05-01T12:30:45.250Z",
                "1714566645250 | 2024-05-01T12:30:45.250Z",
                "-1 | 1969-12-31T23:59:59Z",
            })
    void readsWhatPeopleWrite(String text, Instant expected) {
        assertThat(EventTimes.of(text)).hasValue(expected.toEpochMilli());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "2024-13-01",
                "2024-02-30",
                "01/05/2024",
                "12:30",
                "2024-05-01T25:00:00Z",
                "1e3",
                "NaN",
                "2024-05-01 12:30:45 PM",
                "2024-05-0112:30",
                "2024-05-01T 12:30",
                "2024-05-01T12:30Z UTC",
                "99999999999999999999"
            })
    void doesNotGuess(String text) {
        assertThat(EventTimes.of(text)).isEmpty();
    }

    @Test
    void numbersAreMillisecondsUnlessTheyAreTooSmall() {
        assertThat(EventTimes.of(99_999_999_999L)).hasValue(99_999_999_999_000L);
        assertThat(EventTimes.of(100_000_000_000L)).hasValue(100_000_000_000L);
        assertThat(EventTimes.of(Long.MIN_VALUE)).hasValue(Long.MIN_VALUE);
        assertThat(EventTimes.of(1714566645.25)).hasValue(1_714_566_645_250L);
        assertThat(EventTimes.of(1.71456664525e12)).hasValue(1_714_566_645_250L);
        assertThat(EventTimes.of(Double.NaN)).isEmpty();
        assertThat(EventTimes.of(1e300)).hasValue(Long.MAX_VALUE);
    }
}
