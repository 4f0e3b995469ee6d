package dev.dyadic.decomposer.tokenize.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dyadic.decomposer.tokenize.stages.Behavior;
import dev.dyadic.decomposer.tokenize.stages.Normalizer;
import dev.dyadic.decomposer.tokenize.stages.Splitter;
import dev.dyadic.decomposer.tokenize.stages.Stages;
import dev.dyadic.proto.InvalidException;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The normalizers and pre-tokenizers of a `tokenizer.json`.
final class JsonStages {
    private static final String NORMALIZERS = "NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Sequence, Strip";
    private static final String PRE_TOKENIZERS =
            "ByteLevel, Digits, Metaspace, Punctuation, Sequence, Split, Whitespace, WhitespaceSplit";

    private JsonStages() {}

    /// @param alphabet what the symbols of the vocabulary are
    record Cutting(Splitter splitter, Alphabet alphabet) {}

    /// A stage, and where it stands in the file.
    private record Stage(JsonNode node, String path, String type) {}

    static Optional<Normalizer> normalizer(@Nullable JsonNode node, String path) {
        return flat(node, path, "normalizers").stream()
                .map(JsonStages::normalizer)
                .reduce(Normalizer::then);
    }

    private static Normalizer normalizer(Stage stage) {
        JsonNode node = stage.node();
        String path = stage.path();
        return switch (stage.type()) {
            case "NFC", "NFD", "NFKC", "NFKD" -> {
                Paths.requireKeys(node, path, "type");
                yield Stages.unicode(Form.valueOf(stage.type()));
            }
            case "Lowercase" -> {
                Paths.requireKeys(node, path, "type");
                yield Stages.lowercase();
            }
            case "Strip" -> {
                Paths.requireKeys(node, path, "type", "strip_left", "strip_right");
                yield Stages.strip(
                        Paths.flag(node, path, "strip_left", true), Paths.flag(node, path, "strip_right", true));
            }
            case "Prepend" -> {
                Paths.requireKeys(node, path, "type", "prepend");
                yield Stages.prepend(Paths.text(node, path, "prepend"));
            }
            case "Replace" -> {
                Paths.requireKeys(node, path, "type", "pattern", "content");
                String content = Paths.text(node, path, "content");
                yield pattern(
                        node,
                        path,
                        string -> Stages.replaceString(string, content),
                        regex -> Stages.replaceRegex(regex, content));
            }
            default -> throw unknown(stage, NORMALIZERS);
        };
    }

    static Cutting preTokenizer(@Nullable JsonNode node, String path) {
        List<Stage> stages = flat(node, path, "pretokenizers");
        Alphabet alphabet = Alphabet.CHARACTERS;
        Splitter splitter = null;
        for (int i = 0; i < stages.size(); i++) {
            Stage stage = stages.get(i);
            boolean isLast = i == stages.size() - 1;
            if (stage.type().equals("ByteLevel")) {
                if (alphabet != Alphabet.CHARACTERS) {
                    throw Paths.refused(stage.path(), "is a second ByteLevel: expected one");
                }
                alphabet = isLast ? Alphabet.BYTES : Alphabet.LETTERS_FOR_BYTES;
            }
            Splitter next = splitter(stage, isLast);
            splitter = splitter == null ? next : splitter.then(next);
        }
        return new Cutting(splitter == null ? Splitter.WHOLE : splitter, alphabet);
    }

    private static Splitter splitter(Stage stage, boolean isLast) {
        JsonNode node = stage.node();
        String path = stage.path();
        return switch (stage.type()) {
            case "ByteLevel" -> {
                Paths.requireKeys(node, path, "type", "add_prefix_space", "trim_offsets", "use_regex");
                yield Stages.byteLevel(
                        Paths.flag(node, path, "add_prefix_space", true),
                        Paths.flag(node, path, "use_regex", true),
                        !isLast);
            }
            case "Split" -> {
                Paths.requireKeys(node, path, "type", "pattern", "behavior", "invert");
                Behavior behavior = behavior(node, path);
                boolean inverted = Paths.flag(node, path, "invert", false);
                yield pattern(
                        node,
                        path,
                        string -> Stages.splitByString(string, behavior, inverted),
                        regex -> Stages.splitByRegex(regex, behavior, inverted));
            }
            case "Digits" -> {
                Paths.requireKeys(node, path, "type", "individual_digits");
                yield Stages.digits(Paths.flag(node, path, "individual_digits", false));
            }
            case "Punctuation" -> {
                Paths.requireKeys(node, path, "type", "behavior");
                yield Stages.punctuation(node.has("behavior") ? behavior(node, path) : Behavior.ISOLATED);
            }
            case "Whitespace" -> {
                Paths.requireKeys(node, path, "type");
                yield Stages.whitespace();
            }
            case "WhitespaceSplit" -> {
                Paths.requireKeys(node, path, "type");
                yield Stages.whitespaceSplit();
            }
            case "Metaspace" -> metaspace(node, path);
            default -> throw unknown(stage, PRE_TOKENIZERS);
        };
    }

    private static Splitter metaspace(JsonNode node, String path) {
        Paths.requireKeys(node, path, "type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep");
        String replacement = Paths.text(node, path, "replacement");
        if (replacement.codePointCount(0, replacement.length()) != 1) {
            throw Paths.refused(path + "/replacement", "is \"" + replacement + "\": expected one character");
        }
        String scheme = node.has("prepend_scheme") ? Paths.text(node, path, "prepend_scheme") : "always";
        if (!List.of("always", "first", "never").contains(scheme)) {
            throw Paths.refused(path + "/prepend_scheme", "is " + scheme + ": expected always, first or never");
        }
        if (!Paths.flag(node, path, "add_prefix_space", true)) {
            if (!scheme.equals("never") && node.has("prepend_scheme")) {
                throw Paths.refused(path + "/add_prefix_space", "is false: prepend_scheme says " + scheme);
            }
            scheme = "never";
        }
        return Stages.metaspace(
                replacement, scheme.equals("always"), scheme.equals("first"), Paths.flag(node, path, "split", true));
    }

    /// The stages of sequences, one after the other.
    private static List<Stage> flat(@Nullable JsonNode node, String path, String listKey) {
        List<Stage> stages = new ArrayList<>();
        if (node == null) {
            return stages;
        }
        if (!node.isObject()) {
            throw Paths.refused(path, "is " + Paths.shown(node) + ": expected an object");
        }
        String type = Paths.text(node, path, "type");
        if (!type.equals("Sequence")) {
            stages.add(new Stage(node, path, type));
            return stages;
        }
        Paths.requireKeys(node, path, "type", listKey);
        JsonNode list = node.get(listKey);
        if (list == null) {
            throw Paths.refused(path + "/" + listKey, "is missing: expected an array");
        }
        Paths.requireArray(list, path + "/" + listKey);
        for (int i = 0; i < list.size(); i++) {
            stages.addAll(flat(list.get(i), path + "/" + listKey + "/" + i, listKey));
        }
        return stages;
    }

    private static <T> T pattern(
            JsonNode node, String path, Function<String, T> ofString, Function<String, T> ofRegex) {
        String inner = path + "/pattern";
        JsonNode pattern = node.get("pattern");
        if (pattern == null) {
            throw Paths.refused(inner, "is missing: expected {\"String\": …} or {\"Regex\": …}");
        }
        Paths.requireKeys(pattern, inner, "String", "Regex");
        boolean isString = pattern.has("String");
        String key = isString ? "String" : "Regex";
        String text = Paths.text(pattern, inner, key);
        if (text.isEmpty()) {
            throw Paths.refused(inner + "/" + key, "is empty: expected what is to be found");
        }
        try {
            return isString ? ofString.apply(text) : ofRegex.apply(text);
        } catch (InvalidException e) {
            throw Paths.refused(inner + "/" + key, "cannot be used: " + e.getMessage());
        }
    }

    private static Behavior behavior(JsonNode node, String path) {
        String text = Paths.text(node, path, "behavior");
        return Arrays.stream(Behavior.values())
                .filter(behavior -> behavior.text().equals(text))
                .findFirst()
                .orElseThrow(() -> Paths.refused(
                        path + "/behavior",
                        "is " + text + ": expected one of "
                                + Arrays.stream(Behavior.values())
                                        .map(Behavior::text)
                                        .collect(Collectors.joining(", "))));
    }

    private static InvalidException unknown(Stage stage, String known) {
        return Paths.refused(stage.path() + "/type", "is " + stage.type() + ": expected one of " + known);
    }
}
