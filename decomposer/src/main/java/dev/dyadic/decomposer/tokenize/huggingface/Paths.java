package dev.dyadic.decomposer.tokenize.huggingface;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.dyadic.proto.InvalidException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Values of a JSON document, and refusals that say where they stand (RFC 6901).
final class Paths {
    private static final int SHOWN_CHARS = 60;

    private Paths() {}

    static InvalidException refused(String path, String problem) {
        return new InvalidException(path + " " + problem);
    }

    /// What the parser says, without the name of its source, which it has not.
    static String problem(JsonProcessingException e) {
        return String.valueOf(e.getOriginalMessage()).replaceAll("\\[Source: [^;\\]]*; ?", "[");
    }

    static @Nullable JsonNode orNull(@Nullable JsonNode node) {
        return node == null || node.isNull() ? null : node;
    }

    static void requireArray(JsonNode node, String path) {
        if (!node.isArray()) {
            throw refused(path, "is " + shown(node) + ": expected an array");
        }
    }

    static void requireKeys(JsonNode node, String path, String... known) {
        if (!node.isObject()) {
            throw refused(path, "is " + shown(node) + ": expected an object");
        }
        for (var entry : node.properties()) {
            if (!List.of(known).contains(entry.getKey())) {
                throw refused(path + "/" + entry.getKey(), "is not known: expected one of " + String.join(", ", known));
            }
        }
    }

    static String text(JsonNode node, String path, String key) {
        JsonNode value = node.get(key);
        if (value == null || !value.isTextual()) {
            throw refused(path + "/" + key, "is " + shown(value) + ": expected a string");
        }
        return value.textValue();
    }

    static int number(JsonNode node, String path, String key) {
        JsonNode value = node.get(key);
        if (value == null || !value.isInt() || value.intValue() < 0) {
            throw refused(path + "/" + key, "is " + shown(value) + ": expected a number that is not negative");
        }
        return value.intValue();
    }

    static boolean flag(JsonNode node, String path, String key, boolean otherwise) {
        JsonNode value = orNull(node.get(key));
        if (value == null) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            throw refused(path + "/" + key, "is " + shown(value) + ": expected true or false");
        }
        return value.booleanValue();
    }

    static String shown(@Nullable JsonNode node) {
        if (node == null) {
            return "missing";
        }
        String text = node.toString();
        return text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "…";
    }
}
