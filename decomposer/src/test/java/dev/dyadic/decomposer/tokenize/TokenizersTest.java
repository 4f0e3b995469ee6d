package dev.dyadic.decomposer.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.IntArrayList;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TokenizersTest {
    static Stream<String> names() {
        return Tokenizers.NAMES.stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void endsWithEndOfTextAndNowhereElse(String name) {
        Tokenizer tokenizer = Tokenizers.named(name);

        Tokens tokens = tokenizer.encode("A text with <|endoftext|> spelled out.");

        int endOfText = tokenizer.identity().endOfText();
        assertThat(Arrays.stream(tokens.toArray()).filter(id -> id == endOfText))
                .hasSize(1);
        assertThat(tokens.get(tokens.length() - 1)).isEqualTo(endOfText);
    }

    @ParameterizedTest
    @MethodSource("names")
    void behavesTheSameEachTime(String name) {
        assertThat(Tokenizers.named(name).identity())
                .isEqualTo(Tokenizers.named(name).identity());
    }

    @ParameterizedTest
    @MethodSource("names")
    void survivesHostileTexts(String name) {
        Tokenizer tokenizer = Tokenizers.named(name);

        for (String text : new String[] {
            "a".repeat(100_000),
            " ".repeat(100_000),
            "\n".repeat(50_000),
            "日".repeat(20_000),
            "🙂".repeat(20_000),
            "\0\1\2"
        }) {
            assertThat(tokenizer.encode(text).length()).isGreaterThan(1);
        }
    }

    @Test
    void knowsGpt2Ids() {
        assertThat(Tokenizers.named("r50k_base").encode("Hello world").toArray())
                .containsExactly(15496, 995, 50256);
        assertThat(Tokenizers.named("r50k_base").identity().tokenWidth()).isEqualTo(2);
        assertThat(Tokenizers.named("o200k_base").identity().tokenWidth()).isEqualTo(4);
    }

    @Test
    void losesNoText() {
        String text = "naïve Straße\t日本語 🙂 x = y[0];\r\n\r\n  end";
        var encoding =
                Encodings.newLazyEncodingRegistry().getEncoding("r50k_base").orElseThrow();

        Tokens tokens = Tokenizers.named("r50k_base").encode(text);

        IntArrayList ids = new IntArrayList();
        for (int i = 0; i < tokens.length() - 1; i++) {
            ids.add(tokens.get(i));
        }
        assertThat(encoding.decode(ids)).isEqualTo(text);
    }

    @Test
    void bytesAreUtf8() {
        String text = "é";

        assertThat(Tokenizers.named("bytes").encode(text).toBytes(0, 3, 2)).containsExactly(0xc3, 0, 0xa9, 0, 0, 1);
        assertThat(text.getBytes(StandardCharsets.UTF_8)).hasSize(2);
    }

    @Test
    void namesThoseThereAre() {
        assertThatThrownBy(() -> Tokenizers.named("gpt5"))
                .hasMessage("tokenizer must be one of bytes, r50k_base, cl100k_base, o200k_base, but was gpt5");
    }
}
