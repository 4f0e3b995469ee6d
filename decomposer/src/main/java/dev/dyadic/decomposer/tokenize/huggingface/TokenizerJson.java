package dev.dyadic.decomposer.tokenize.huggingface;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.decomposer.tokenize.bpe.Vocabulary;
import dev.dyadic.decomposer.tokenize.stages.Normalizer;
import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads a `tokenizer.json` of version 1.0 whose model is BPE.
///
/// What cuts texts off or puts tokens around them (`truncation`, `padding`, `post_processor`), and what turns ids into
/// text again (`decoder`), does not count: ids are those of the text, with nothing added.
public final class TokenizerJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String VERSION = "1.0";

    private @Nullable JsonNode normalizer;
    private @Nullable JsonNode preTokenizer;
    private @Nullable JsonNode addedTokens;
    private @Nullable JsonModel model;
    private boolean hasVersion;

    /// @param ids of every token, as it is spelled, those of added tokens included
    /// @param spelledByBytes whether the tokens that are not added are spelled with letters for bytes
    public record Contents(BytePairs pairs, Map<String, Integer> ids, boolean spelledByBytes) {
        /// The bytes that each id stands for.
        public byte[][] tokens() {
            byte[][] tokens = new byte[ids.size()][];
            ids.forEach((token, id) -> tokens[id] = Spelling.bytesOf(token, spelledByBytes));
            pairs.added().forEach(token -> tokens[token.id()] = token.content().getBytes(StandardCharsets.UTF_8));
            return tokens;
        }
    }

    private TokenizerJson() {}

    /// @throws InvalidException names the JSON path of what cannot be used
    public static Contents read(byte[] json) {
        if (json.length == 0) {
            throw new InvalidException("expected a tokenizer.json, but it is empty");
        }
        try (JsonParser parser = JSON.createParser(json)) {
            return new TokenizerJson().read(parser);
        } catch (JsonProcessingException e) {
            throw new InvalidException("expected a tokenizer.json, but it is no JSON: " + Paths.problem(e)
                    + " (line " + e.getLocation().getLineNr() + ", column "
                    + e.getLocation().getColumnNr() + ")");
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
    }

    private Contents read(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new InvalidException("expected a tokenizer.json, but it is no JSON object");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case "version" -> version(parser);
                case "normalizer" -> normalizer = parser.readValueAsTree();
                case "pre_tokenizer" -> preTokenizer = parser.readValueAsTree();
                case "added_tokens" -> addedTokens = parser.readValueAsTree();
                case "model" -> model = JsonModel.read(parser);
                case "truncation", "padding", "post_processor", "decoder" -> parser.skipChildren();
                default -> throw Paths.refused("/" + key, "is not known: the file is too new, or no tokenizer.json");
            }
        }
        JsonModel vocabulary = model;
        if (vocabulary == null) {
            throw Paths.refused("/model", "is missing: expected a tokenizer.json");
        }
        if (!hasVersion) {
            throw Paths.refused("/version", "is missing: expected \"" + VERSION + '"');
        }
        return assemble(vocabulary);
    }

    private void version(JsonParser parser) throws IOException {
        if (!VERSION.equals(parser.getText())) {
            throw Paths.refused("/version", "is " + parser.getText() + ": expected \"" + VERSION + '"');
        }
        hasVersion = true;
    }

    private Contents assemble(JsonModel vocabulary) {
        Optional<Normalizer> rewriting = JsonStages.normalizer(Paths.orNull(normalizer), "/normalizer");
        JsonStages.Cutting cutting = JsonStages.preTokenizer(Paths.orNull(preTokenizer), "/pre_tokenizer");
        List<AddedToken> added = added(vocabulary);
        Map<String, Integer> ids = new HashMap<>(vocabulary.ids());
        for (AddedToken token : added) {
            ids.put(token.content(), token.id());
        }
        Vocabulary merging = vocabulary.vocabulary(cutting.alphabet(), ids.size());
        return new Contents(
                new BytePairs(rewriting, cutting.splitter(), merging, added, ids.size()),
                ids,
                cutting.alphabet() != Alphabet.CHARACTERS);
    }

    /// The library numbers those that the vocabulary does not have in their order, whatever the file says.
    private List<AddedToken> added(JsonModel vocabulary) {
        JsonNode listed = Paths.orNull(addedTokens);
        List<AddedToken> added = new ArrayList<>();
        if (listed == null) {
            return added;
        }
        Paths.requireArray(listed, "/added_tokens");
        Map<String, Integer> ids = new HashMap<>();
        int next = vocabulary.ids().size();
        for (int i = 0; i < listed.size(); i++) {
            String path = "/added_tokens/" + i;
            JsonNode entry = listed.get(i);
            Paths.requireKeys(entry, path, "id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
            String content = Paths.text(entry, path, "content");
            if (content.isEmpty()) {
                throw Paths.refused(path + "/content", "is empty: expected the text of a token");
            }
            Integer known = ids.getOrDefault(content, vocabulary.ids().get(content));
            int id = known == null ? next++ : known;
            int stated = Paths.number(entry, path, "id");
            if (stated != id) {
                throw Paths.refused(
                        path + "/id",
                        "is " + stated + ": expected " + id
                                + (known == null ? ", the next one" : ", as in the vocabulary")
                                + "; a vocabulary has neither holes nor ids for two tokens");
            }
            ids.put(content, id);
            added.add(new AddedToken(
                    id,
                    content,
                    Paths.flag(entry, path, "single_word", false),
                    Paths.flag(entry, path, "lstrip", false),
                    Paths.flag(entry, path, "rstrip", false),
                    Paths.flag(entry, path, "normalized", true),
                    Paths.flag(entry, path, "special", false)));
        }
        return added;
    }
}
