package dev.dyadic.ingest;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.avro.Document;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Turns one line of JSON into a document, or says why it is none. Holds no state between lines.
final class DocumentParser {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
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
        Values values = new Values();
        try (JsonParser parser = JSON.createParser(json)) {
            read(parser, values);
            return document(values);
        } catch (RefusedException e) {
            return new Parsed.Refused(e.reason, e.detail, values.id);
        } catch (JacksonException e) {
            return new Parsed.Refused("not-json", "expected one JSON object, but " + e.getOriginalMessage(), values.id);
        } catch (IOException e) {
            throw new IllegalStateException("reading a string failed", e);
        }
    }

    private void read(JsonParser parser, Values values) throws IOException, RefusedException {
        JsonToken first = parser.nextToken();
        if (first != JsonToken.START_OBJECT) {
            throw new RefusedException("not-json", "expected one JSON object, but found " + kind(first));
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (token == JsonToken.VALUE_NULL) {
                continue;
            }
            if (name.equals(fields.text())) {
                values.text = string(parser, name, token);
            } else if (name.equals(fields.id())) {
                values.id = string(parser, name, token);
            } else if (name.equals(fields.source())) {
                values.source = string(parser, name, token);
            } else if (fields.time().contains(name)) {
                if (values.time == null) {
                    values.time = time(parser, name, token);
                }
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

    private Parsed document(Values values) throws RefusedException {
        String text = values.text;
        if (text == null) {
            throw new RefusedException("missing-field", "expected a field '" + fields.text() + "', but there is none");
        }
        if (text.isEmpty()) {
            throw new RefusedException("empty-text", "expected text, but '" + fields.text() + "' is empty");
        }
        ByteBuffer encoded = utf8(fields.text(), text);
        int textBytes = encoded.remaining();
        if (textBytes > maxTextBytes) {
            throw new RefusedException(
                    "too-large", "expected at most " + maxTextBytes + " bytes of text, but there are " + textBytes);
        }
        String source = values.source == null || values.source.isEmpty() ? defaultSource : values.source;
        checkSize(fields.source(), source, Limits.MAX_SOURCE_BYTES);
        String id = values.id;
        if (id == null || id.isEmpty()) {
            byte[] copy = new byte[textBytes];
            encoded.duplicate().get(copy);
            id = Digests.documentId(source, copy);
        }
        checkSize(fields.id(), id, Limits.MAX_ID_BYTES);
        int attributeBytes = 0;
        for (Map.Entry<String, String> attribute : values.attributes.entrySet()) {
            attributeBytes += utf8(fields.attributes(), attribute.getKey()).remaining()
                    + utf8(fields.attributes(), attribute.getValue()).remaining();
        }
        if (attributeBytes > Limits.MAX_ATTRIBUTE_BYTES) {
            throw new RefusedException(
                    "too-large",
                    "expected at most " + Limits.MAX_ATTRIBUTE_BYTES + " bytes of attributes, but there are "
                            + attributeBytes);
        }
        long given = values.time == null ? clock.millis() : values.time;
        long clamped = Math.clamp(given, Limits.MIN_EVENT_MILLIS, Limits.MAX_EVENT_MILLIS);
        return new Parsed.Accepted(
                Document.newBuilder()
                        .setId(id)
                        .setSource(source)
                        .setText(encoded)
                        .setEventTimeMillis(clamped)
                        .setOriginalEventTimeMillis(clamped == given ? null : given)
                        .setAttributes(values.attributes)
                        .build(),
                textBytes);
    }

    private static void readAttributes(JsonParser parser, String name, JsonToken token, Map<String, String> attributes)
            throws IOException, RefusedException {
        if (token != JsonToken.START_OBJECT) {
            throw wrongType(name, "an object of strings", token);
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            attributes.put(key, string(parser, name + "." + key, parser.nextToken()));
        }
    }

    private static String string(JsonParser parser, String name, JsonToken token) throws IOException, RefusedException {
        if (token != JsonToken.VALUE_STRING) {
            throw wrongType(name, "a string", token);
        }
        return parser.getText();
    }

    /// Milliseconds since 1970 UTC as an integer, or an ISO-8601 instant.
    private static long time(JsonParser parser, String name, JsonToken token) throws IOException, RefusedException {
        String expected = "milliseconds since 1970 as a 64-bit integer, or an ISO-8601 instant";
        try {
            return switch (token) {
                case VALUE_NUMBER_INT -> parser.getLongValue();
                case VALUE_STRING -> Instant.parse(parser.getText()).toEpochMilli();
                default -> throw wrongType(name, expected, token);
            };
        } catch (JacksonException | DateTimeException | ArithmeticException e) {
            throw new RefusedException(
                    "wrong-type", "expected '" + name + "' to be " + expected + ", but it is " + parser.getText());
        }
    }

    private static void checkSize(String name, String value, int maxBytes) throws RefusedException {
        int bytes = utf8(name, value).remaining();
        if (bytes > maxBytes) {
            throw new RefusedException(
                    "too-large", "expected at most " + maxBytes + " bytes of '" + name + "', but there are " + bytes);
        }
    }

    /// A JSON escape can make half of a surrogate pair, which no UTF-8 can hold.
    private static ByteBuffer utf8(String name, String value) throws RefusedException {
        try {
            return StandardCharsets.UTF_8
                    .newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(value));
        } catch (CharacterCodingException e) {
            throw new RefusedException("not-utf8", "expected Unicode in '" + name + "', but it has a lone surrogate");
        }
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

    private static final class Values {
        @Nullable
        String id;

        @Nullable
        String text;

        @Nullable
        String source;

        @Nullable
        Long time;

        final Map<String, String> attributes = new TreeMap<>();
    }

    private static final class RefusedException extends Exception {
        final String reason;
        final String detail;

        RefusedException(String reason, String detail) {
            super(detail, null, false, false);
            this.reason = reason;
            this.detail = detail;
        }
    }
}
