package dev.dyadic.decomposer.tokenize.huggingface;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.dyadic.decomposer.tokenize.bpe.MergeList;
import dev.dyadic.decomposer.tokenize.bpe.Vocabulary;
import dev.dyadic.decomposer.tokenize.stages.ByteLevel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The model of a `tokenizer.json`: its tokens and merges, as they are spelled.
final class JsonModel {
    private static final String PATH = "/model";
    private static final int BYTES = 256;

    private final Map<String, Integer> ids = new LinkedHashMap<>();
    /// Left and right, in turn.
    private final List<String> merges = new ArrayList<>();
    private boolean byteFallback;
    private boolean ignoreMerges;

    private JsonModel() {}

    /// @param parser at the beginning of the model
    static JsonModel read(JsonParser parser) throws IOException {
        JsonModel model = new JsonModel();
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw Paths.refused(PATH, "is no object: expected a model");
        }
        boolean hasMerges = false;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            String path = PATH + "/" + key;
            parser.nextToken();
            switch (key) {
                case "type" -> requireBytePairs(parser);
                case "vocab" -> model.readVocabulary(parser);
                case "merges" -> {
                    model.readMerges(parser);
                    hasMerges = true;
                }
                case "byte_fallback" -> model.byteFallback = flag(parser, path);
                case "ignore_merges" -> model.ignoreMerges = flag(parser, path);
                case "dropout" -> requireNone(parser, path, "0.0");
                case "continuing_subword_prefix", "end_of_word_suffix" -> requireNone(parser, path, "");
                case "unk_token", "fuse_unk" -> parser.skipChildren();
                default -> throw Paths.refused(path, "is not known: expected a BPE model");
            }
        }
        if (!hasMerges) {
            throw Paths.refused(PATH + "/merges", "is missing: expected a BPE model");
        }
        if (model.ids.isEmpty()) {
            throw Paths.refused(PATH + "/vocab", "has no tokens");
        }
        return model;
    }

    /// The id of each token, as it is spelled: `[0, size)`, each once.
    Map<String, Integer> ids() {
        return ids;
    }

    /// @param size number of ids, those of added tokens included
    Vocabulary vocabulary(Alphabet alphabet, int size) {
        byte[] @Nullable [] tokens = new byte[size][];
        ids.forEach((token, id) -> tokens[id] =
                alphabet == Alphabet.BYTES ? Spelling.bytesOfLetters(token) : token.getBytes(StandardCharsets.UTF_8));
        MergeList list = mergeList();
        return switch (alphabet) {
            case BYTES -> Vocabulary.ofBytes(tokens, list, ignoreMerges, letterIds());
            case LETTERS_FOR_BYTES -> {
                letterIds();
                yield Vocabulary.ofCharacters(tokens, list, ignoreMerges, new int[0]);
            }
            case CHARACTERS -> Vocabulary.ofCharacters(tokens, list, ignoreMerges, fallbackIds());
        };
    }

    private void readVocabulary(JsonParser parser) throws IOException {
        String path = PATH + "/vocab";
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw Paths.refused(path, "is no object: expected tokens with their ids");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String token = parser.currentName();
            if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
                throw Paths.refused(path + "/" + token, "is " + parser.getText() + ": expected an id");
            }
            if (ids.put(token, parser.getIntValue()) != null) {
                throw Paths.refused(path + "/" + token, "stands there twice");
            }
        }
        String[] byId = new String[ids.size()];
        ids.forEach((token, id) -> {
            if (id >= 0 && id < byId.length && byId[id] != null) {
                throw Paths.refused(
                        path + "/" + token, "has id " + id + ", as \"" + byId[id] + "\" has: expected one each");
            }
            if (id >= 0 && id < byId.length) {
                byId[id] = token;
            }
        });
        int hole = Arrays.asList(byId).indexOf(null);
        if (hole >= 0) {
            throw Paths.refused(
                    path, "has no token with id " + hole + ": expected each of 0 to " + (byId.length - 1) + " once");
        }
    }

    private void readMerges(JsonParser parser) throws IOException {
        String path = PATH + "/merges";
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw Paths.refused(path, "is no array: expected pairs of tokens");
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            int before = merges.size();
            if (parser.currentToken() == JsonToken.START_ARRAY) {
                while (parser.nextToken() == JsonToken.VALUE_STRING) {
                    merges.add(parser.getText());
                }
            } else if (parser.currentToken() == JsonToken.VALUE_STRING) {
                merges.addAll(List.of(parser.getText().split(" ", -1)));
            }
            if (merges.size() != before + 2) {
                throw Paths.refused(path + "/" + before / 2, "is no pair: expected two tokens");
            }
        }
    }

    private MergeList mergeList() {
        MergeList list = new MergeList();
        for (int i = 0; i < merges.size(); i += 2) {
            int rank = i / 2;
            String left = merges.get(i);
            String right = merges.get(i + 1);
            list.add(idOf(left, rank), idOf(right, rank), idOf(left + right, rank), rank);
        }
        return list;
    }

    private int idOf(String token, int rank) {
        Integer id = ids.get(token);
        if (id == null) {
            throw Paths.refused(
                    PATH + "/merges/" + rank, "needs the token \"" + token + "\", which is not in the vocabulary");
        }
        return id;
    }

    private int[] letterIds() {
        int[] found = new int[BYTES];
        for (int value = 0; value < BYTES; value++) {
            found[value] = idOfByte(Character.toString(ByteLevel.letter(value)), value);
        }
        return found;
    }

    private int[] fallbackIds() {
        if (!byteFallback) {
            throw Paths.refused(
                    PATH + "/byte_fallback",
                    "is not true, and there is no ByteLevel: text with other characters would be lost");
        }
        int[] found = new int[BYTES];
        for (int value = 0; value < BYTES; value++) {
            found[value] = idOfByte(Spelling.ofByte(value), value);
        }
        return found;
    }

    private int idOfByte(String token, int value) {
        Integer id = ids.get(token);
        if (id == null) {
            throw Paths.refused(
                    PATH + "/vocab",
                    String.format("has no token \"%s\" for byte 0x%02X: text with it would be lost", token, value));
        }
        return id;
    }

    private static void requireBytePairs(JsonParser parser) throws IOException {
        if (!"BPE".equals(parser.getText())) {
            throw Paths.refused(PATH + "/type", "is " + parser.getText() + ": expected BPE");
        }
    }

    private static boolean flag(JsonParser parser, String path) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE, VALUE_NULL -> false;
            default -> throw Paths.refused(path, "is " + parser.getText() + ": expected true or false");
        };
    }

    private static void requireNone(JsonParser parser, String path, String none) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_NULL && !parser.getText().equals(none)) {
            throw Paths.refused(path, "is \"" + parser.getText() + "\": expected none");
        }
    }
}
