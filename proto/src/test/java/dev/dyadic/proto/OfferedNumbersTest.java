package dev.dyadic.proto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class OfferedNumbersTest {
    @Test
    void numbersAreGivenAsOptionsTakeThem() {
        assertThat(LongStream.of(0, 1, 1000, 1024, 8192, 8200, 3 << 20, 5L << 40, 1L << 50)
                        .mapToObj(OfferedNumbers::text))
                .containsExactly(
                        "0",
                        "1",
                        "1000",
                        "1024 (1Ki)",
                        "8192 (8Ki)",
                        "8200",
                        "3145728 (3Mi)",
                        "5497558138880 (5Ti)",
                        "1125899906842624 (1024Ti)");
    }

    @Test
    void theNearestIsAMultipleThatNoOtherIsNearerThan() {
        for (long unit : new long[] {1, 7, 64, 8192}) {
            for (long number = -10; number < 40_000; number += 13) {
                long nearest = OfferedNumbers.nearestMultiple(number, unit);
                assertThat(nearest % unit).isZero();
                assertThat(nearest).isPositive();
                long wanted = Math.max(number, unit);
                assertThat(Math.abs(nearest - wanted)).isLessThanOrEqualTo((unit + 1) / 2);
            }
        }
    }

    @Test
    void theNearestPowerIsNoFartherThanAnyOther() {
        for (long number = 1; number < 10_000; number++) {
            long nearest = OfferedNumbers.nearestPower(number);
            for (long power = 1; power <= 1 << 15; power *= 2) {
                assertThat(Math.abs(nearest - number)).isLessThanOrEqualTo(Math.abs(power - number));
            }
        }
        assertThat(OfferedNumbers.nearestPower(Long.MIN_VALUE)).isEqualTo(1);
        assertThat(OfferedNumbers.nearestPower(Long.MAX_VALUE)).isEqualTo(1L << 62);
    }
}
