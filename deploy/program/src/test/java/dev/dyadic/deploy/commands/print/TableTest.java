package dev.dyadic.deploy.commands.print;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void theFirstColumnStandsToTheLeftAndNumbersToTheRight() {
        Table table = new Table("source", "rows").row("wiki", 1_234_567L).row("a longer one", 9);

        assertThat(table).hasToString("""
                          source             rows
                          wiki          1,234,567
                          a longer one          9
                        """);
    }

    @Test
    void oneIsSingular() {
        assertThat(Texts.count(1, "cycle")).isEqualTo("1 cycle");
        assertThat(Texts.count(2_000, "cycle")).isEqualTo("2,000 cycles");
        assertThat(Texts.bytes(256 << 20)).isEqualTo("256 MiB");
    }
}
