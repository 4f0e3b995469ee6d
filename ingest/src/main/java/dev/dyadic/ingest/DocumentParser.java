package dev.dyadic.ingest;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Turns one line of JSON into a document, or says why it is none. Holds no state between lines.
final class DocumentParser {
    /// Arrays and objects within each other; each costs some memory.
    private static final int MAX_DEPTH = 100_000;

    /// What Python writes, and what nobody asked for, is no reason to lose a text: `NaN`, numbers and names of any
    /// length, deep nesting.
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(Ingest.MAX_LINE_BYTES)
                    .maxNameLength(Ingest.MAX_LINE_BYTES)
                    .maxStringLength(Ingest.MAX_LINE_BYTES)
                    .build())
            .build();

    private final Fields fields;
    private final String defaultSource;
    private final int maxTextBytes;
    private final InstantSource clock;

    DocumentParser(Fields fields, String defaultSource, int maxTextBytes, InstantSource clock) {
        this.fields = fields;
        this.defaultSource = defaultSource;
        this.maxTextBytes = maxTextBytes;
        this.clock = clock;
    }

    Parsed parse(Line line) {
        byte[] bytes = line.content().bytes();
        if (line.overlong()) {
            return new Parsed.Refused(
                    "line-too-long",
                    "expected a line of at most " + bytes.length + " bytes, but it has " + line.wholeBytes(),
                    null);
        }
        String json;
        try {
            json = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return new Parsed.Refused("not-utf8", "expected UTF-8, but the line has other bytes", null);
        }
        if (json.isBlank()) {
            return new Parsed.Blank();
        }
        DocumentFields values = new DocumentFields();
        try (JsonParser parser = JSON.createParser(json)) {
            read(parser, values);
            return values.document(fields, defaultSource, maxTextBytes, clock);
        } catch (RefusedException e) {
            return new Parsed.Refused(e.reason, e.detail, values.id);
        } catch (JacksonException e) {
            return new Parsed.Refused("not-json", "expected one JSON object, but " + e.getOriginalMessage(), values.id);
        } catch (IOException e) {
            throw new IllegalStateException("reading a string failed", e);
        }
    }

    private void read(JsonParser parser, DocumentFields values) throws IOException, RefusedException {
        JsonToken first = parser.nextToken();
        if (first != JsonToken.START_OBJECT) {
            throw new RefusedException("not-json", "expected one JSON object, but found " + kind(first));
        }
        Set<String> asked = new HashSet<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (fields.has(name) && !asked.add(name)) {
                throw doubled(name);
            }
            if (token == JsonToken.VALUE_NULL) {
                continue;
            }
            if (name.equals(fields.text())) {
                values.text = string(parser, name, token);
            } else if (name.equals(fields.id())) {
                values.id = token == JsonToken.VALUE_NUMBER_INT ? parser.getText() : string(parser, name, token);
            } else if (name.equals(fields.source())) {
                values.source = string(parser, name, token);
            } else if (fields.time().contains(name)) {
                readTime(parser, name, token, values);
            } else if (name.equals(fields.attributes())) {
                readAttributes(parser, name, token, values.attributes);
            } else {
                parser.skipChildren();
            }
        }
        JsonToken after = parser.nextToken();
        if (after != null) {
            throw new RefusedException("not-json", "expected one JSON object, but " + kind(after) + " follows it");
        }
    }

    /// A field that nobody named costs no document where it is no time.
    private void readTime(JsonParser parser, String name, JsonToken token, DocumentFields values)
            throws IOException, RefusedException {
        OptionalLong found = time(parser, token);
        if (found.isPresent()) {
            values.time = values.time == null ? (Long) found.getAsLong() : values.time;
        } else if (fields.timeIsNamed()) {
            String shown = token.isScalarValue() ? parser.getText() : kind(token);
            throw new RefusedException(
                    "wrong-type", "expected '" + name + "' to be " + EventTimes.EXPECTED + ", but it is " + shown);
        } else {
            values.hasUnreadTime = true;
        }
    }

    private static void readAttributes(JsonParser parser, String name, JsonToken token, Map<String, String> attributes)
            throws IOException, RefusedException {
        if (token != JsonToken.START_OBJECT) {
            throw wrongType(name, "an object of strings", token);
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            if (attributes.put(key, string(parser, name + "." + key, parser.nextToken())) != null) {
                throw doubled(name + "." + key);
            }
        }
    }

    private static String string(JsonParser parser, String name, JsonToken token) throws IOException, RefusedException {
        if (token != JsonToken.VALUE_STRING) {
            throw wrongType(name, "a string", token);
        }
        return parser.getText();
    }

    /// Empty where it cannot be read.
    private static OptionalLong time(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case VALUE_NUMBER_INT ->
                switch (parser.getNumberType()) {
                    case INT, LONG -> EventTimes.of(parser.getLongValue());
                    default -> OptionalLong.empty();
                };
            case VALUE_NUMBER_FLOAT -> EventTimes.of(parser.getDoubleValue());
            case VALUE_STRING -> EventTimes.of(parser.getText());
            default -> {
                parser.skipChildren();
                yield OptionalLong.empty();
            }
        };
    }

    private static RefusedException doubled(String name) {
        return new RefusedException("doubled-field", "expected '" + name + "' once, but it stands there twice");
    }

    private static RefusedException wrongType(String name, String expected, JsonToken token) {
        return new RefusedException(
                "wrong-type", "expected '" + name + "' to be " + expected + ", but it is " + kind(token));
    }

    private static String kind(@Nullable JsonToken token) {
        return switch (token) {
            case null -> "nothing";
            case START_OBJECT, END_OBJECT -> "an object";
            case START_ARRAY, END_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            case NOT_AVAILABLE, FIELD_NAME, VALUE_EMBEDDED_OBJECT -> token.name();
        };
    }
}
