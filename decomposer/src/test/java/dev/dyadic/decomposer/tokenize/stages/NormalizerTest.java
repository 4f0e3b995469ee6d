package dev.dyadic.decomposer.tokenize.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.decomposer.tokenize.RandomTexts;
import dev.dyadic.proto.InvalidException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer.Form;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class NormalizerTest {
    @ParameterizedTest
    @EnumSource(Form.class)
    void partsGiveWhatTheWholeGives(Form form) {
        Random chance = new Random(form.name().hashCode());
        for (int round = 0; round < 300; round++) {
            StringBuilder text = new StringBuilder();
            int length = chance.nextInt(20_000);
            while (text.length() < length) {
                text.append(RandomTexts.text(chance));
            }
            String known = text.codePoints()
                    .filter(c -> !NewerCharacters.has(c))
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();

            assertThat(normalize(Stages.unicode(form), known)).isEqualTo(java.text.Normalizer.normalize(known, form));
        }
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void longRunsOfMarksComeIntoOrder(Form form) {
        Random chance = new Random(form.name().hashCode());
        int[] marks = {0x301, 0x316, 0x334, 0x345, 0x5B0, 0x64B, 0xE48, 0xF71, 0x344, 0x20DD, 0x302A, 0x93C};
        for (int round = 0; round < 200; round++) {
            StringBuilder text = new StringBuilder("e");
            for (int i = chance.nextInt(400); i > 0; i--) {
                text.appendCodePoint(marks[chance.nextInt(marks.length)]);
            }
            text.append("a\u0301");

            assertThat(normalize(Stages.unicode(form), text.toString()))
                    .isEqualTo(java.text.Normalizer.normalize(text, form));
        }
    }

    @Test
    void charactersThatTheLibraryDoesNotKnowStayAsTheyAre() {
        String vowels = "\uD81B\uDD63\uD81B\uDD67";

        assertThat(normalize(Stages.unicode(Form.NFC), vowels)).isEqualTo(vowels);
        assertThat(java.text.Normalizer.normalize(vowels, Form.NFC)).isNotEqualTo(vowels);
        assertThat(normalize(Stages.unicode(Form.NFKC), "\u32FF e\u0301")).isEqualTo("\u32FF \u00e9");
    }

    @Test
    void aTextThatDoesNotChangeIsNotCopied() {
        byte[] text = "plain, and é".getBytes(StandardCharsets.UTF_8);

        assertThat(Stages.unicode(Form.NFC).normalize(text)).isSameAs(text);
        assertThat(Stages.strip(true, true).normalize(text)).isSameAs(text);
        assertThat(Stages.replaceString("#", "-").normalize(text)).isSameAs(text);
    }

    @Test
    void rewritesText() {
        assertThat(normalize(Stages.lowercase(), "İΣΑΣ Ⱥ \uA7CE")).isEqualTo("i\u0307σασ ⱥ \uA7CF");
        assertThat(normalize(Stages.strip(true, false), "\u3000 a ")).isEqualTo("a ");
        assertThat(normalize(Stages.strip(true, true), " \n")).isEmpty();
        assertThat(normalize(Stages.prepend("▁"), "")).isEmpty();
        assertThat(normalize(Stages.prepend("▁").then(Stages.replaceString(" ", "▁")), "a b"))
                .isEqualTo("▁a▁b");
        assertThat(normalize(Stages.replaceRegex("\\s+", " "), "a \n\u3000b")).isEqualTo("a b");
    }

    static Stream<String> refused() {
        return Stream.of(
                "\\h",
                "\\R",
                "[[:alpha:]]",
                "a{1,2}+",
                "(?m:a)",
                "(?#x)",
                "\\p{Bogus}",
                "\\1",
                "a\\",
                "(",
                "\\k<a>",
                "a(?i)b|c",
                "(?i:ss)",
                "(?i:é)",
                "\\xC3");
    }

    @ParameterizedTest
    @MethodSource("refused")
    void expressionsThatMeanSomethingElseAreRefused(String pattern) {
        assertThatThrownBy(() -> Stages.splitByRegex(pattern, Behavior.ISOLATED, false))
                .isInstanceOf(InvalidException.class)
                .hasMessageStartingWith("the regular expression " + pattern + " cannot be used: ");
    }

    @Test
    void caseDoesNotCountWhereThatIsClear() {
        for (String pattern : List.of("(?i:['’]s|'t)|[一-龥]+", "(?i)a|b", "x((?i)a|b)|é")) {
            Splitter splitter = Stages.splitByRegex(pattern, Behavior.ISOLATED, false);

            assertThat(ScannerTest.pieces(splitter, "zz")).containsExactly("zz");
        }
        assertThat(ScannerTest.pieces(Stages.splitByRegex("(?i:['’]s)", Behavior.ISOLATED, false), "it’S he'S"))
                .containsExactly("it", "’S", " he", "'S");
    }

    @Test
    void anExpressionThatLooksTooOftenIsStopped() {
        Splitter splitter = Stages.splitByRegex("a*b", Behavior.ISOLATED, false);

        assertThatThrownBy(() -> ScannerTest.pieces(splitter, "a".repeat(2000)))
                .isInstanceOf(TooMuchWorkException.class)
                .hasMessage(
                        "expected patterns to look at no more than 24 characters for each byte of a document, but for one"
                                + " of 2000 bytes they look at more; the last was a*b");
    }

    @Test
    void manyTextsOfADocumentShareItsLooks() {
        Splitter splitter = Stages.splitByRegex("a*a*a*b|a+", Behavior.ISOLATED, false);

        // Each of them alone may look so often.
        assertThat(ScannerTest.pieces(splitter, "a".repeat(20))).hasSize(1);
        assertThatThrownBy(() -> Looks.forDocument(20_000, () -> {
                    for (int i = 0; i < 1000; i++) {
                        ScannerTest.pieces(splitter, "a".repeat(20));
                    }
                }))
                .isInstanceOf(TooMuchWorkException.class);
    }

    /// Canonical order is found in time n log n only for what is known as a mark.
    @Test
    void everyCharacterThatBecomesAMarkIsOne() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (Character.isDefined(c) && Character.getType(c) != Character.SURROGATE) {
                int first = java.text.Normalizer.normalize(Character.toString(c), Form.NFKD)
                        .codePointAt(0);
                boolean moves = !java.text.Normalizer.isNormalized("\u0345" + Character.toString(first), Form.NFD)
                        || !java.text.Normalizer.isNormalized(Character.toString(first) + "\u0334", Form.NFD);
                assertThat(moves && !CombiningMarks.isMark(c)).as("%x", c).isFalse();
            }
        }
    }

    @Test
    void longRunsOfHalfWidthMarksAreNormalized() {
        String run = "\uFF9E\u0300".repeat(3000);

        for (Form form : List.of(Form.NFKC, Form.NFKD, Form.NFC, Form.NFD)) {
            assertThat(normalize(Stages.unicode(form), "a" + run))
                    .isEqualTo(java.text.Normalizer.normalize("a" + run, form));
        }
    }

    private static String normalize(Normalizer normalizer, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] before = bytes.clone();
        String normalized = new String(normalizer.normalize(bytes), StandardCharsets.UTF_8);
        assertThat(Arrays.equals(bytes, before)).isTrue();
        return normalized;
    }
}
