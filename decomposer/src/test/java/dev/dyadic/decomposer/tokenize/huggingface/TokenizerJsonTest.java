package dev.dyadic.decomposer.tokenize.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dyadic.decomposer.tokenize.stages.ByteLevel;
import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TokenizerJsonTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void readsWhatItRefusesOnceItIsBroken() throws IOException {
        assertThat(TokenizerJson.read(JSON.writeValueAsBytes(valid())).ids())
                .containsEntry("ab", 256)
                .containsEntry("<end>", 257)
                .hasSize(258);
    }

    @Test
    void whatIsNoTokenizerIsRefused() {
        assertThatThrownBy(() -> TokenizerJson.read("{\"a\": 1".getBytes(StandardCharsets.UTF_8)))
                .hasMessage("/a is not known: the file is too new, or no tokenizer.json");
        assertThatThrownBy(() -> TokenizerJson.read("{\"model\": {".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(InvalidException.class)
                .hasMessageStartingWith("expected a tokenizer.json, but it is no JSON: ")
                .hasMessageNotContaining("Source");
        assertThatThrownBy(() -> TokenizerJson.read(new byte[0]))
                .hasMessage("expected a tokenizer.json, but it is empty");
        assertThatThrownBy(() -> TokenizerJson.read("[1]".getBytes(StandardCharsets.UTF_8)))
                .hasMessage("expected a tokenizer.json, but it is no JSON object");
        assertThatThrownBy(() -> TokenizerJson.read("{}".getBytes(StandardCharsets.UTF_8)))
                .hasMessage("/model is missing: expected a tokenizer.json");
    }

    @Test
    void refusalsNameThePath() {
        refused(json -> json.put("version", "2.0"), "/version is 2.0: expected \"1.0\"");
        refused(json -> json.put("new", 1), "/new is not known: the file is too new, or no tokenizer.json");
        refused(json -> model(json).put("type", "Unigram"), "/model/type is Unigram: expected BPE");
        refused(json -> model(json).put("type", "WordPiece"), "/model/type is WordPiece: expected BPE");
        refused(json -> model(json).put("dropout", 0.1), "/model/dropout is \"0.1\": expected none");
        refused(
                json -> model(json).put("end_of_word_suffix", "</w>"),
                "/model/end_of_word_suffix is \"</w>\": expected none");
        refused(json -> model(json).put("more", 1), "/model/more is not known: expected a BPE model");
        refused(
                json -> json.set("normalizer", JSON.createObjectNode().put("type", "Nmt")),
                "/normalizer/type is Nmt: expected one of NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Sequence, Strip");
        refused(
                json -> ((ArrayNode) json.get("pre_tokenizer").get("pretokenizers"))
                        .insertObject(0)
                        .put("type", "UnicodeScripts"),
                "/pre_tokenizer/pretokenizers/0/type is UnicodeScripts: expected one of ByteLevel, Digits, Metaspace,"
                        + " Punctuation, Sequence, Split, Whitespace, WhitespaceSplit");
        refused(
                json -> ((ObjectNode)
                                json.get("pre_tokenizer").get("pretokenizers").get(0))
                        .put("newer", true),
                "/pre_tokenizer/pretokenizers/0/newer is not known: expected one of type, add_prefix_space,"
                        + " trim_offsets, use_regex");
    }

    @Test
    void vocabulariesHaveNeitherHolesNorDoubles() {
        refused(
                json -> vocabulary(json).put("ab", 300),
                "/model/vocab has no token with id 256: expected each of 0 to 256 once");
        refused(
                json -> vocabulary(json).put("ab", 7),
                "/model/vocab/ab has id 7, as \"" + Character.toString(ByteLevel.letter(7))
                        + "\" has: expected one each");
        refused(
                json -> {
                    vocabulary(json).remove("!");
                    vocabulary(json).put("other", '!');
                },
                "/model/vocab has no token \"!\" for byte 0x21: text with it would be lost");
        refused(
                json -> ((ArrayNode) model(json).get("merges")).add("x yz"),
                "/model/merges/1 needs the token \"yz\", which is not in the vocabulary");
        refused(
                json -> ((ArrayNode) model(json).get("merges")).add("x"),
                "/model/merges/1 is no pair: expected two tokens");
        refused(
                json -> ((ObjectNode) json.get("added_tokens").get(0)).put("id", 300),
                "/added_tokens/0/id is 300: expected 257, the next one; a vocabulary has neither holes nor ids for two"
                        + " tokens");
    }

    @Test
    void textWouldBeLostWithoutBytes() {
        refused(
                json -> json.putNull("pre_tokenizer"),
                "/model/byte_fallback is not true, and there is no ByteLevel: text with other characters would be lost");
        refused(
                json -> {
                    json.putNull("pre_tokenizer");
                    model(json).put("byte_fallback", true);
                },
                "/model/vocab has no token \"<0x00>\" for byte 0x00: text with it would be lost");
    }

    @Test
    void patternsOfOthersAreRefusedWhereTheyStand() {
        refused(
                json -> ((ArrayNode) json.get("pre_tokenizer").get("pretokenizers"))
                        .insertObject(0)
                        .put("type", "Split")
                        .put("behavior", "Isolated")
                        .put("invert", false)
                        .putObject("pattern")
                        .put("Regex", "\\X"),
                "/pre_tokenizer/pretokenizers/0/pattern/Regex cannot be used: the regular expression \\X cannot be"
                        + " used: \\X is not known");
    }

    private static void refused(Consumer<ObjectNode> breaking, String message) {
        ObjectNode json = valid();
        breaking.accept(json);
        assertThatThrownBy(() -> TokenizerJson.read(JSON.writeValueAsBytes(json)))
                .isInstanceOf(InvalidException.class)
                .hasMessage(message);
    }

    private static ObjectNode model(JsonNode json) {
        return (ObjectNode) json.get("model");
    }

    private static ObjectNode vocabulary(JsonNode json) {
        return (ObjectNode) json.get("model").get("vocab");
    }

    private static ObjectNode valid() {
        ObjectNode json = JSON.createObjectNode().put("version", "1.0");
        json.putArray("added_tokens")
                .addObject()
                .put("id", 257)
                .put("content", "<end>")
                .put("special", true);
        json.putNull("normalizer");
        ObjectNode sequence = json.putObject("pre_tokenizer").put("type", "Sequence");
        sequence.putArray("pretokenizers")
                .addObject()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("use_regex", true);
        ObjectNode model = json.putObject("model").put("type", "BPE");
        ObjectNode vocabulary = model.putObject("vocab");
        for (int value = 0; value < 256; value++) {
            vocabulary.put(Character.toString(ByteLevel.letter(value)), value);
        }
        vocabulary.put("ab", 256);
        model.putArray("merges").add("a b");
        return json;
    }
}
