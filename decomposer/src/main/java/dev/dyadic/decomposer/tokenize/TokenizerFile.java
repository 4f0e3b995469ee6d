package dev.dyadic.decomposer.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.proto.Asset;
import dev.dyadic.proto.GivenFile;
import java.io.IOException;
import java.util.Optional;
import java.util.TreeSet;

/// A `tokenizer.json` that somebody gives.
public final class TokenizerFile implements GivenFile {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SHOWN_CHARS = 60;

    private final String name;
    private final Asset asset;

    /// @param name what people call it
    public TokenizerFile(String name, Asset asset) {
        this.name = name;
        this.asset = asset;
    }

    @Override
    public Asset asset() {
        return asset;
    }

    public Tokenizer tokenizer(Optional<String> endOfText, Optional<String> beginOfText) {
        return Tokenizers.ofFile(name, asset, endOfText, beginOfText);
    }

    @Override
    public String differenceFrom(Asset ofCorpus) {
        try {
            return difference("", JSON.readTree(ofCorpus.bytes()), JSON.readTree(asset.bytes()))
                    .orElse("the two files of tokenizer " + name + " say the same, in other words");
        } catch (IOException e) {
            return "the two files of tokenizer " + name + " cannot be compared: " + e.getMessage();
        }
    }

    /// The first place where they differ.
    private static Optional<String> difference(String path, JsonNode mine, JsonNode theirs) {
        if (mine.equals(theirs)) {
            return Optional.empty();
        }
        if (mine.isObject() && theirs.isObject()) {
            TreeSet<String> keys = new TreeSet<>();
            mine.fieldNames().forEachRemaining(keys::add);
            theirs.fieldNames().forEachRemaining(keys::add);
            return keys.stream()
                    .filter(key -> !mine.path(key).equals(theirs.path(key)))
                    .findFirst()
                    .flatMap(key -> difference(path + "/" + key, mine.path(key), theirs.path(key)));
        }
        if (mine.isArray() && theirs.isArray()) {
            int at = 0;
            while (mine.path(at).equals(theirs.path(at))) {
                at++;
            }
            return difference(path + "/" + at, mine.path(at), theirs.path(at));
        }
        return Optional.of("the files differ first at " + path + ": the corpus has " + shown(mine) + ", but "
                + shown(theirs) + " was given");
    }

    private static String shown(JsonNode node) {
        String text = node.isMissingNode() ? "nothing" : node.toString();
        return text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "…";
    }
}
