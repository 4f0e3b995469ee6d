package dev.dyadic.decomposer.tokenize.stages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.decomposer.tokenize.RandomTexts;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Holds each scanner against the regular expression that it stands for.
class ScannerTest {
    static Stream<String> patterns() {
        return Stages.scannedPatterns().stream().sorted();
    }

    static IntStream seeds() {
        return IntStream.range(0, 10);
    }

    @ParameterizedTest
    @MethodSource("patterns")
    void cutsAsTheRegularExpressionDoes(String pattern) {
        Splitter scanner = Stages.splitByRegex(pattern, Behavior.ISOLATED, false);
        Splitter regex = new MatchSplitter(new Regex(pattern), Behavior.ISOLATED, false);
        Random chance = new Random(pattern.hashCode());

        for (int round = 0; round < 20_000; round++) {
            String text = RandomTexts.text(chance);

            assertThat(pieces(scanner, text)).as(text).isEqualTo(pieces(regex, text));
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void joinsMatchesAsTheLibraryDoes(int seed) {
        Random chance = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            String text = text(chance);
            Behavior behavior = List.of(Behavior.values()).get(chance.nextInt(5));
            boolean inverted = chance.nextBoolean();
            Splitter splitter = new MatchSplitter(new Characters(c -> c == 'x', 1), behavior, inverted);

            assertThat(pieces(splitter, text))
                    .as("%s %s %s", text, behavior, inverted)
                    .isEqualTo(naive(text, behavior, inverted));
        }
    }

    @Test
    void prependsOnlyToWhatTheDocumentBeginsWith() {
        Splitter metaspace = Stages.metaspace("▁", false, true, true);

        assertThat(pieces(metaspace, "a b")).containsExactly("a", "▁b");
        assertThat(pieces(metaspace.atStart(), "a b")).containsExactly("▁a", "▁b");
        assertThat(pieces(metaspace.atStart(), " a")).containsExactly("▁a");
        assertThat(pieces(
                        Stages.splitByString("-", Behavior.REMOVED, false)
                                .then(metaspace)
                                .atStart(),
                        "a-b"))
                .containsExactly("▁a", "b");
    }

    static List<String> pieces(Splitter splitter, String text) {
        List<String> pieces = new ArrayList<>();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0) {
            splitter.split(
                    bytes,
                    0,
                    bytes.length,
                    (piece, from, to) -> pieces.add(new String(piece, from, to - from, StandardCharsets.UTF_8)));
        }
        return pieces;
    }

    private static String text(Random chance) {
        StringBuilder text = new StringBuilder();
        for (int i = chance.nextInt(12); i > 0; i--) {
            text.append(chance.nextBoolean() ? "x" : "ab");
        }
        return text.toString();
    }

    /// All parts first, then joined in a second pass, backwards where they join what follows.
    private static List<String> naive(String text, Behavior behavior, boolean inverted) {
        List<String> parts = new ArrayList<>();
        List<Boolean> matched = new ArrayList<>();
        StringBuilder other = new StringBuilder();
        for (char c : (text + "x").toCharArray()) {
            if (c != 'x') {
                other.append(c);
                continue;
            }
            if (!other.isEmpty()) {
                parts.add(other.toString());
                matched.add(inverted);
                other.setLength(0);
            }
            parts.add("x");
            matched.add(!inverted);
        }
        parts.removeLast();
        matched.removeLast();
        return switch (behavior) {
            case ISOLATED -> parts;
            case REMOVED ->
                IntStream.range(0, parts.size())
                        .filter(i -> !matched.get(i))
                        .mapToObj(parts::get)
                        .toList();
            case CONTIGUOUS -> joined(parts, (i) -> matched.get(i).equals(matched.get(i - 1)));
            case MERGED_WITH_PREVIOUS -> joined(parts, i -> matched.get(i) && !matched.get(i - 1));
            case MERGED_WITH_NEXT -> joined(parts, i -> !matched.get(i) && matched.get(i - 1));
        };
    }

    private static List<String> joined(List<String> parts, IntPredicate joinsPrevious) {
        List<String> joined = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            if (i > 0 && joinsPrevious.test(i)) {
                joined.set(joined.size() - 1, joined.getLast() + parts.get(i));
            } else {
                joined.add(parts.get(i));
            }
        }
        return joined;
    }
}
