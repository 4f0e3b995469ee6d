package dev.dyadic.deploy.commands.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class AmountsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-5, -5",
        "+7, 7",
        "8192, 8192",
        "16_777_216, 16777216",
        "8k, 8000",
        "8K, 8000",
        "8Ki, 8192",
        "8ki, 8192",
        "10M, 10000000",
        "1.5M, 1500000",
        "0.5Ki, 512",
        "2Gi, 2147483648",
        "40GB, 40000000000",
        "1TiB, 1099511627776",
        "512B, 512",
        "9223372036854775807, 9223372036854775807",
    })
    void aCountMayHaveAUnit(String text, long count) {
        assertThat(Amounts.count(text)).isEqualTo(count);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "k", "8 Ki", "8kk", "8Kib", "0x10", "1e6", "1.5", "0.3Ki", "9223372036854775808", "9T9", "٣"
            })
    void whatIsNoWholeNumberIsRefused(String text) {
        assertThatThrownBy(() -> Amounts.count(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageStartingWith("'" + text + "' is not a whole number");
    }

    @Test
    void aCountOf32BitsIsRefusedBeyondThem() {
        assertThat(Amounts.smallCount("2147483647")).isEqualTo(Integer.MAX_VALUE);
        assertThatThrownBy(() -> Amounts.smallCount("2Gi")).hasMessageContaining("more than this option can have");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0s",
        "20, 20000, 20s",
        "3600, 3600000, 60m",
        "500ms, 500, 500ms",
        "1500ms, 1500, 1500ms",
        "0.5s, 500, 500ms",
        "20s, 20000, 20s",
        "5m, 300000, 5m",
        "5min, 300000, 5m",
        "90s, 90000, 90s",
        "2h, 7200000, 120m",
        "1d, 86400000, 1440m",
    })
    void aTimeIsInSecondsOrHasAUnit(String text, long millis, String shown) {
        assertThat(Amounts.time(text)).isEqualTo(Duration.ofMillis(millis));
        assertThat(Amounts.text(Amounts.time(text))).isEqualTo(shown);
        assertThat(Amounts.time(shown)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "-1", "-1s", "20 s", "1w", "0.3ms", "PT20S", "999999999999999999999s"})
    void whatIsNoTimeIsRefused(String text) {
        assertThatThrownBy(() -> Amounts.time(text)).isInstanceOf(TypeConversionException.class);
    }

    /// It was in milliseconds once.
    @Test
    void aLongTimeWithoutAUnitIsRefusedWithWhatMayBeMeant() {
        assertThatThrownBy(() -> Amounts.time("60000"))
                .hasMessageContaining("more than an hour")
                .hasMessageContaining("60000ms")
                .hasMessageContaining("60000s");
        assertThat(Amounts.time("60000ms")).isEqualTo(Duration.ofMinutes(1));
    }
}
