package dev.dyadic.proto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class PrintableTest {
    @Test
    void whatMovesHidesOrTurnsTextIsShownByItsNumber() {
        assertThat(Printable.line("\u001b[2J\u001b]0;root\u0007")).isEqualTo("\\u001b[2J\\u001b]0;root\\u0007");
        assertThat(Printable.line("a\0b\u009bc\u007f")).isEqualTo("a\\u0000b\\u009bc\\u007f");
        assertThat(Printable.line("one\r\ntwo\tthree")).isEqualTo("one\\r\\ntwo\\tthree");
        assertThat(Printable.line("evil\u202egpj.exe\u2066\u200f\u061c"))
                .isEqualTo("evil\\u202egpj.exe\\u2066\\u200f\\u061c");
        assertThat(Printable.line("\u2028\u2029\ufeff")).isEqualTo("\\u2028\\u2029\\ufeff");
        assertThat(Printable.line("\ud83d and \udc00, \udb40\udc41")).isEqualTo("\\ud83d and \\udc00, \\udb40\\udc41");
    }

    @Test
    void ordinaryTextStays() {
        String text = "Grüße, 東京 😀 नमस्ते می‌خواهم C:\\users | 100 %";

        assertThat(Printable.line(text)).isSameAs(text);
        assertThat(Printable.lines("one\n\ttwo\r")).isEqualTo("one\n\ttwo\\r");
    }

    @Test
    void nothingThatIsShownIsAControlCharacterOrAMarkOfDirection() {
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            StringBuilder text = new StringBuilder();
            random.ints(20, 0, Character.MAX_CODE_POINT + 1)
                    .forEach(c -> text.appendCodePoint(c >>> random.nextInt(14)));

            // An oracle by Java's own classes of characters.
            assertThat(Printable.line(text.toString()).codePoints()).noneMatch(c -> {
                byte direction = Character.getDirectionality(c);
                return Character.isISOControl(c)
                        || Character.getType(c) == Character.SURROGATE
                        || Character.getType(c) == Character.LINE_SEPARATOR
                        || Character.getType(c) == Character.PARAGRAPH_SEPARATOR
                        || (direction >= Character.DIRECTIONALITY_LEFT_TO_RIGHT_EMBEDDING
                                && direction <= Character.DIRECTIONALITY_POP_DIRECTIONAL_ISOLATE
                                && Character.getType(c) == Character.FORMAT
                                && direction != Character.DIRECTIONALITY_BOUNDARY_NEUTRAL);
            });
        }
    }
}
