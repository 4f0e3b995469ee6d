package dev.dyadic.decomposer.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.proto.Asset;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Small tokenizers of every make, with the ids that the Hugging Face library gives (see `make_vectors.py`).
class TokenizerVectorsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    static Stream<Arguments> tokenizers() throws IOException {
        try (InputStream file =
                Objects.requireNonNull(TokenizerVectorsTest.class.getResourceAsStream("/tokenizer-vectors.json"))) {
            return StreamSupport.stream(JSON.readTree(file).spliterator(), false)
                    .map(entry -> Arguments.of(entry.get("name").textValue(), entry));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tokenizers")
    void givesTheIdsOfTheLibrary(String name, JsonNode entry) throws IOException {
        Tokenizer tokenizer = Tokenizers.ofFile(
                name,
                Asset.of(JSON.writeValueAsBytes(entry.get("tokenizer"))),
                Optional.of("<|endoftext|>"),
                Optional.of("<s>"));
        int endOfText = tokenizer.identity().endOfText();
        int beginOfText = tokenizer.identity().beginOfText().orElseThrow();

        for (JsonNode string : entry.get("strings")) {
            List<Integer> expected = new ArrayList<>();
            expected.add(beginOfText);
            string.get("ids").forEach(id -> expected.add(id.intValue()));
            expected.add(endOfText);

            assertThat(tokenizer.encode(string.get("text").textValue()).toArray())
                    .as(string.get("text").toString())
                    .containsExactly(expected.toArray(Integer[]::new));
        }
    }
}
