package dev.dyadic.ingest.document;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.dyadic.ingest.document.Fields.Role;
import dev.dyadic.ingest.document.Fields.Target;
import dev.dyadic.proto.Utf8;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Turns a JSON object into a document, or says why it is none. Holds no state between objects. Not safe for use by
/// several threads.
public final class JsonDocuments {
    /// Largest object, in bytes.
    public static final int MAX_BYTES = 32 << 20;

    /// Arrays and objects within each other; each costs some memory.
    private static final int MAX_DEPTH = 100_000;

    /// What Python writes, and what nobody asked for, is no reason to lose a text: `NaN`, numbers and names of any
    /// length, deep nesting.
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_BYTES)
                    .maxNameLength(MAX_BYTES)
                    .maxStringLength(MAX_BYTES)
                    .build())
            .build();

    private final DocumentRules rules;
    private final Fields fields;
    private final List<Target> targets;
    private final JsonStrings strings = new JsonStrings();

    public JsonDocuments(DocumentRules rules) {
        this.rules = rules;
        this.fields = rules.fields();
        this.targets = fields.targets();
        if (targets.size() > Integer.SIZE) {
            throw new IllegalArgumentException("at most " + Integer.SIZE + " fields can be asked for");
        }
    }

    /// @param bytes hold one object between these places, and are only read
    public Parsed parse(byte[] bytes, int from, int to) {
        int begin = from;
        while (begin < to && isBlank(bytes[begin])) {
            begin++;
        }
        if (begin == to) {
            return Parsed.LeftOut.BLANK;
        }
        if (bytes[begin] != '{') {
            return notUtf8(bytes, begin, to, null, "expected one JSON object, but found " + kind(bytes[begin]));
        }
        if (begin + 1 < to && bytes[begin + 1] == 0) {
            // The parser would take it for UTF-16.
            return new Parsed.Refused("not-json", "expected one JSON object, but a zero byte follows its brace", null);
        }
        return parse(bytes, begin, to, Optional.empty());
    }

    /// @param mended what the parser sees in place of the bytes between these places; empty: those
    private Parsed parse(byte[] bytes, int begin, int to, Optional<byte[]> mended) {
        DocumentFields values = new DocumentFields();
        try (JsonParser parser = JSON.createParser(mended.orElse(bytes), mended.isPresent() ? 0 : begin, to - begin)) {
            parser.nextToken();
            new Reading(parser, values, bytes, mended.isPresent(), begin, to).object(0, (1L << targets.size()) - 1);
            JsonToken after = parser.nextToken();
            if (after != null) {
                throw new RefusedException("not-json", "expected one JSON object, but " + kind(after) + " follows it");
            }
            return values.document(rules);
        } catch (RefusedException e) {
            return e.refused(values.id());
        } catch (JacksonException e) {
            if (mended.isEmpty() && Utf8.firstInvalid(bytes, begin, to) >= 0) {
                // It may stand in a field that nobody asked for.
                return parse(bytes, begin, to, Optional.of(mended(bytes, begin, to)));
            }
            return notUtf8(bytes, begin, to, values.id(), "expected one JSON object, but " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new IllegalStateException("reading an array failed", e);
        }
    }

    /// A copy of `[from, to)` in which something stands in place of what is no UTF-8.
    private static byte[] mended(byte[] bytes, int from, int to) {
        byte[] mended = Arrays.copyOfRange(bytes, from, to);
        int at = Utf8.firstInvalid(bytes, from, to);
        while (at >= 0) {
            mended[at - from] = '?';
            at = Utf8.firstInvalid(bytes, at + 1, to);
        }
        return mended;
    }

    /// What is no JSON because it is no UTF-8, or for another reason.
    private static Parsed notUtf8(byte[] bytes, int from, int to, @Nullable String id, String otherwise) {
        int invalid = Utf8.firstInvalid(bytes, from, to);
        return invalid < 0
                ? new Parsed.Refused("not-json", otherwise, id)
                : new Parsed.Refused(
                        "not-utf8", "expected UTF-8, but byte " + (invalid - from) + " is none of a character", id);
    }

    /// One object, as far as it is read.
    private final class Reading {
        private final JsonParser parser;
        private final DocumentFields values;
        private final byte[] bytes;
        private final boolean isMended;
        private final int begin;
        private final int end;
        private long seen;
        /// The target whose time counts so far: the first of those that are asked for.
        private int timeFound = Integer.MAX_VALUE;

        Reading(JsonParser parser, DocumentFields values, byte[] bytes, boolean isMended, int begin, int end) {
            this.parser = parser;
            this.values = values;
            this.bytes = bytes;
            this.isMended = isMended;
            this.begin = begin;
            this.end = end;
        }

        /// Reads the object that has just begun.
        ///
        /// @param candidates of the targets, those whose path led here
        void object(int depth, long candidates) throws IOException, RefusedException {
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                int found = -1;
                long inside = 0;
                for (int i = 0; i < targets.size(); i++) {
                    if ((candidates & (1L << i)) == 0) {
                        continue;
                    }
                    Target target = targets.get(i);
                    boolean leads = name.equals(target.path().get(depth));
                    boolean ends = target.path().size() == depth + 1;
                    if ((leads && ends) || (depth == 0 && name.equals(target.name()))) {
                        found = i;
                    } else if (leads) {
                        inside |= 1L << i;
                    }
                }
                JsonToken token = parser.nextToken();
                if (found >= 0) {
                    value(found, name, token);
                } else if (inside != 0 && token == JsonToken.START_OBJECT) {
                    object(depth + 1, inside);
                } else {
                    parser.skipChildren();
                }
            }
        }

        private void value(int found, String name, JsonToken token) throws IOException, RefusedException {
            if ((seen & (1L << found)) != 0) {
                throw new RefusedException("doubled-field", "expected '" + name + "' once, but it stands there twice");
            }
            seen |= 1L << found;
            if (token == JsonToken.VALUE_NULL) {
                return;
            }
            Target target = targets.get(found);
            // A text is read from the bytes themselves, and looked at later; attributes one by one.
            if (isMended && token.isScalarValue() && target.role() != Role.TEXT && !isUtf8()) {
                if (fields.mustBeRight(target.role())) {
                    throw new RefusedException(
                            "not-utf8", "expected UTF-8 in '" + target.name() + "', but it has other bytes");
                }
                values.unread(target.name());
                return;
            }
            read(target, found, token);
        }

        /// Whether the bytes of the value that the parser stands at are UTF-8. Reads it to its end.
        private boolean isUtf8() throws IOException {
            int from = begin + (int) parser.currentTokenLocation().getByteOffset();
            parser.finishToken();
            int to = begin + (int) parser.currentLocation().getByteOffset();
            return Utf8.firstInvalid(bytes, from, to) < 0;
        }

        private void read(Target target, int found, JsonToken token) throws IOException, RefusedException {
            switch (target.role()) {
                case TEXT -> text(token);
                case ID -> {
                    if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_STRING) {
                        values.id(parser.getText());
                    } else {
                        useless(target, "a string or a whole number", token);
                    }
                }
                case SOURCE -> {
                    if (token == JsonToken.VALUE_STRING) {
                        values.source(parser.getText());
                    } else {
                        useless(target, "a string", token);
                    }
                }
                case TIME -> {
                    OptionalLong time = time(token);
                    if (time.isEmpty()) {
                        useless(target, EventTimes.EXPECTED, token);
                    } else if (found < timeFound) {
                        values.time(time.getAsLong());
                        timeFound = found;
                    }
                }
                case ATTRIBUTES -> {
                    if (token == JsonToken.START_OBJECT) {
                        attributes(target);
                    } else {
                        useless(target, "an object", token);
                    }
                }
            }
        }

        private void text(JsonToken token) throws IOException, RefusedException {
            if (token != JsonToken.VALUE_STRING) {
                throw wrongType(fields.text(), "a string", kind(token));
            }
            // The parser has checked nothing of it but the quote. It does so when it goes past it.
            int quote = begin + (int) parser.currentTokenLocation().getByteOffset();
            values.text(strings.utf8(bytes, quote, end, fields.text()));
        }

        private void attributes(Target target) throws IOException, RefusedException {
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                boolean isRight = !isMended || isUtf8();
                String key = parser.currentName();
                String name = target.name() + "." + key;
                JsonToken token = parser.nextToken();
                if (isMended && token.isScalarValue()) {
                    isRight &= isUtf8();
                }
                if (!isRight) {
                    parser.skipChildren();
                    values.unread(target.name());
                    continue;
                }
                if (token == JsonToken.VALUE_NULL) {
                    continue;
                }
                if (!token.isScalarValue()) {
                    useless(new Target(target.role(), name, List.of()), "a string, a number or a boolean", token);
                } else if (values.hasAttribute(key)) {
                    throw new RefusedException(
                            "doubled-field", "expected '" + name + "' once, but it stands there twice");
                } else {
                    values.attribute(key, parser.getText());
                }
            }
        }

        /// Empty where it cannot be read.
        private OptionalLong time(JsonToken token) throws IOException {
            return switch (token) {
                case VALUE_NUMBER_INT ->
                    switch (parser.getNumberType()) {
                        case INT, LONG -> EventTimes.of(parser.getLongValue());
                        default -> OptionalLong.empty();
                    };
                case VALUE_NUMBER_FLOAT -> EventTimes.of(parser.getDoubleValue());
                case VALUE_STRING -> EventTimes.of(parser.getText());
                default -> OptionalLong.empty();
            };
        }

        /// A value that is of no use costs the document where its field was named, and is left out elsewhere.
        private void useless(Target target, String expected, JsonToken token) throws IOException, RefusedException {
            if (fields.mustBeRight(target.role())) {
                throw wrongType(target.name(), expected, token.isScalarValue() ? parser.getText() : kind(token));
            }
            parser.skipChildren();
            values.unread(target.role() == Role.ATTRIBUTES ? fields.attributes() : target.name());
        }
    }

    private static boolean isBlank(byte value) {
        return value == ' ' || value == '\t' || value == '\r' || value == '\n';
    }

    private static RefusedException wrongType(String name, String expected, String found) {
        return new RefusedException("wrong-type", "expected '" + name + "' to be " + expected + ", but it is " + found);
    }

    private static String kind(byte first) {
        return switch (first) {
            case '[' -> "an array";
            case '"' -> "a string";
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> "a number";
            default -> "something else";
        };
    }

    private static String kind(JsonToken token) {
        return switch (token) {
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
