package dev.dyadic.ingest.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.InvalidException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathPatternTest {
    @ParameterizedTest
    @CsvSource({
        "{1}, wiki",
        "{2}, de",
        "{-1}, de",
        "{1}-{2}, wiki-de",
        "{name}, part.0.jsonl.gz",
        "{stem}, part",
        "{path}, wiki/de/part.0.jsonl.gz",
        "fixed, fixed"
    })
    void placesAreFilledIn(String pattern, String expected) {
        assertThat(PathPattern.parse("p", pattern).of("wiki/de/part.0.jsonl.gz"))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "a/b.JSONL.gz, JSON",
        "x.parquet, PARQUET",
        "part-0.snappy.parquet, PARQUET",
        "c.warc.wet.gz, WARC",
        "README.md, TEXT",
        "Makefile, TEXT",
        "gz, ",
        "a/xz, ",
        "x.csv, "
    })
    void formatsAreToldByNames(String name, Format format) {
        assertThat(Format.ofName(name)).isEqualTo(Optional.ofNullable(format));
    }

    @Test
    void aPathThatIsTooShortIsAnError() {
        assertThatThrownBy(() -> PathPattern.parse("p", "{1}").of("part.jsonl"))
                .isInstanceOf(InvalidException.class)
                .hasMessage("'{1}' asks for {1}, but part.jsonl lies in 0 folders below the one that was named");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{0}", "{x}", "}", "{1}{"})
    void otherBracesAreRefused(String pattern) {
        assertThatThrownBy(() -> PathPattern.parse("source-from-path", pattern))
                .isInstanceOf(InvalidException.class)
                .hasMessageStartingWith("source-from-path must be made of text and {1}");
    }
}
