package dev.dyadic.decomposer.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.IntArrayList;
import dev.dyadic.proto.Asset;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @MethodSource("names")
    void losesNoText(String name) {
        TextIds ids = TextIds.named(name);
        for (String text : new String[] {
            "naïve Straße\t日本語 🙂 x = y[0];\r\n\r\n  end",
            "\0 between\0\0",
            "line\u2028paragraph\u2029",
            "\u0301 a mark alone, and many: e\u0301\u0316\u0301\u0334",
            "\u202eright to left \u05d0\u05d1\u05d2 \u0627\u0628\u202c",
            "\uD83D\uDC69\u200D\uD83D\uDE80 \uDBFF\uDFFD",
            "\uFEFFfirst, and \uFEFF inside\uFEFF"
        }) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            ByteArrayOutputStream back = new ByteArrayOutputStream();

            Tokens tokens = ids.ids(bytes);

            for (int i = 0; i < tokens.length(); i++) {
                back.writeBytes(ids.bytesOf(tokens.get(i)));
            }
            assertThat(back.toByteArray()).isEqualTo(bytes);
        }
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

    @ParameterizedTest
    @ValueSource(strings = {"r50k_base", "cl100k_base", "o200k_base"})
    void givesTheIdsOfJtokkit(String name) {
        Tokenizer tokenizer = Tokenizers.named(name);
        Encoding encoding =
                Encodings.newLazyEncodingRegistry().getEncoding(name).orElseThrow();
        Random chance = new Random(name.hashCode());

        for (int round = 0; round < 1_500; round++) {
            String text = RandomTexts.text(chance);

            IntArrayList expected = encoding.encodeOrdinary(text);
            expected.add(tokenizer.identity().endOfText());
            assertThat(tokenizer.encode(text).toArray()).as(text).containsExactly(expected.toArray());
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void manyThreadsGetWhatOneGets(String name) {
        Tokenizer tokenizer = Tokenizers.named(name);
        List<String> texts = IntStream.range(0, 500)
                .mapToObj(seed -> RandomTexts.text(new Random(seed)))
                .toList();
        List<Tokens> alone = texts.stream().map(tokenizer::encode).toList();

        assertThat(texts.parallelStream().map(tokenizer::encode).toList()).isEqualTo(alone);
    }

    @Test
    void aFileNeedsATokenThatEndsTexts() throws IOException {
        Asset file = smallTokenizer();

        assertThatThrownBy(() -> Tokenizers.ofFile("small", file, Optional.empty(), Optional.empty()))
                .hasMessage("tokenizer small does not say which token ends a text: name it with --end-of-text; its"
                        + " special tokens are <|endoftext|>, <s>, <th");
        assertThatThrownBy(() -> Tokenizers.ofFile("small", file, Optional.of("</end>"), Optional.empty()))
                .hasMessage("tokenizer small has no token \"</end>\" for end-of-text; its special tokens are"
                        + " <|endoftext|>, <s>, <th");
        assertThatThrownBy(() -> Tokenizers.ofFile("small", file, Optional.of("<s>"), Optional.of("<begin>")))
                .hasMessageStartingWith("tokenizer small has no token \"<begin>\" for begin-of-text; ");
    }

    @Test
    void theFileMakesTheSameTokenizerAgain() throws IOException {
        Asset file = smallTokenizer();
        Tokenizer made = Tokenizers.ofFile("small", file, Optional.of("<|endoftext|>"), Optional.of("<s>"));

        Tokenizer again = Tokenizers.of(made.identity(), Optional.of(file));

        assertThat(again.identity()).isEqualTo(made.identity());
        assertThat(made.identity().file()).contains(file.sha256());
        assertThat(made.identity().unicode()).isNotEmpty();
        assertThat(again.encode("it's")).isEqualTo(made.encode("it's"));
    }

    private static Asset smallTokenizer() throws IOException {
        try (InputStream vectors =
                Objects.requireNonNull(TokenizersTest.class.getResourceAsStream("/tokenizer-vectors.json"))) {
            ObjectMapper json = new ObjectMapper();
            return Asset.of(json.writeValueAsBytes(json.readTree(vectors).get(0).get("tokenizer")));
        }
    }
}
