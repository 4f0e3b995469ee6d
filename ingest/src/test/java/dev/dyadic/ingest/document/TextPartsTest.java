package dev.dyadic.ingest.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TextPartsTest {
    private static final List<String> PIECES =
            List.of("a", "word", " ", "  ", "\n", "\r\n", "\n\n", "\n \t\n", "\r\n\r\n", "é", "語", "🙂", "\t");
    /// After which a paragraph has ended.
    private static final Pattern PARAGRAPH = Pattern.compile("(?s).*\n[ \t\r]*\n");

    @Test
    void partsAreTheTextAndNoneIsTooLongOrSmall() {
        for (int seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            int max = 32 + random.nextInt(200);
            byte[] text = text(random, random.nextInt(12 * max));

            List<String> parts = parts(text, max);

            assertThat(String.join("", parts)).isEqualTo(new String(text, StandardCharsets.UTF_8));
            assertThat(parts).allSatisfy(part -> {
                assertThat(part.getBytes(StandardCharsets.UTF_8).length)
                        .isBetween(parts.size() == 1 ? 0 : max / 4, max);
                assertThat(part).doesNotContain("\uFFFD");
            });
        }
    }

    /// The slow way: of all cuts near an even one, the last one of the best kind.
    @Test
    void eachCutIsTheBestThereIs() {
        for (int seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            int max = 32 + random.nextInt(200);
            byte[] text = text(random, max + random.nextInt(12 * max));
            int begin = 0;
            for (String part : parts(text, max)) {
                int end = begin + part.getBytes(StandardCharsets.UTF_8).length;
                if (end < text.length) {
                    assertThat(end).as("seed %d", seed).isEqualTo(slowCut(text, begin, max));
                }
                begin = end;
            }
        }
    }

    @Test
    void aTextThatFitsIsOnePart() {
        assertThat(parts("x".repeat(64).getBytes(StandardCharsets.UTF_8), 64)).hasSize(1);
        assertThat(parts("x".repeat(65).getBytes(StandardCharsets.UTF_8), 64)).hasSize(2);
    }

    private static int slowCut(byte[] text, int begin, int max) {
        int slack = max / 8;
        int even = begin + (text.length - begin) / Math.ceilDiv(text.length - begin, max - slack);
        int best = 0;
        int bestKind = 0;
        for (int end = even - slack + 1; end <= even + slack; end++) {
            if (Utf8.firstInvalid(text, begin, end) < 0) {
                // What is left of the window of the search does not count, as the search does not look at it.
                String before = new String(text, even - slack, end - even + slack, StandardCharsets.UTF_8);
                int kind = kind(before);
                if (kind >= bestKind) {
                    best = end;
                    bestKind = kind;
                }
            }
        }
        return best;
    }

    private static int kind(String before) {
        if (PARAGRAPH.matcher(before).matches()) {
            return 4;
        }
        char last = before.charAt(before.length() - 1);
        return last == '\n' ? 3 : last == ' ' || last == '\t' || last == '\r' ? 2 : 1;
    }

    private static byte[] text(Random random, int bytes) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        // Some texts have few places, or none of a kind.
        int kinds = 1 + random.nextInt(PIECES.size());
        int first = random.nextInt(PIECES.size());
        while (text.size() < bytes) {
            text.writeBytes(
                    PIECES.get((first + random.nextInt(kinds)) % PIECES.size()).getBytes(StandardCharsets.UTF_8));
        }
        return text.toByteArray();
    }

    private static List<String> parts(byte[] text, int max) {
        return TextParts.of(ByteBuffer.wrap(text), max).stream()
                .map(part -> StandardCharsets.UTF_8.decode(part.duplicate()).toString())
                .toList();
    }
}
