package dev.dyadic.ingest.document;

import dev.dyadic.proto.Digests;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Utf8;
import dev.dyadic.proto.Wholes;
import dev.dyadic.proto.avro.Document;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a document is made of, as it came; knows whether it makes one.
public final class DocumentFields {
    private @Nullable String id;
    private byte @Nullable [] text;
    private @Nullable String source;
    private @Nullable Long time;
    private final Map<String, String> attributes = new TreeMap<>();
    private final List<String> unread = new ArrayList<>();

    public @Nullable String id() {
        return id;
    }

    public DocumentFields id(@Nullable String value) {
        id = value;
        return this;
    }

    /// @param utf8 is kept, not copied
    public DocumentFields text(byte @Nullable [] utf8) {
        text = utf8;
        return this;
    }

    public DocumentFields source(@Nullable String value) {
        source = value;
        return this;
    }

    /// @param millis since 1970 UTC
    public DocumentFields time(@Nullable Long millis) {
        time = millis;
        return this;
    }

    public boolean hasTime() {
        return time != null;
    }

    public DocumentFields attribute(String name, String value) {
        attributes.put(name, value);
        return this;
    }

    boolean hasAttribute(String name) {
        return attributes.containsKey(name);
    }

    /// A field that nobody named, and whose value is of no use.
    public void unread(String name) {
        unread.add(name);
    }

    /// @throws RefusedException where these make no document
    public Parsed.Accepted document(DocumentRules rules) throws RefusedException {
        Fields names = rules.fields();
        byte[] given = text;
        if (given == null) {
            throw new RefusedException("missing-field", "expected a field '" + names.text() + "', but there is none");
        }
        if (given.length == 0) {
            throw new RefusedException("empty-text", "expected text, but '" + names.text() + "' is empty");
        }
        if (given.length > rules.maxTextBytes()) {
            throw new RefusedException(
                    Parsed.TOO_LONG,
                    "expected at most " + rules.maxTextBytes() + " bytes of text, but there are " + given.length);
        }
        int invalid = Utf8.firstInvalid(given, 0, given.length);
        if (invalid >= 0) {
            throw new RefusedException(
                    "not-utf8",
                    "expected UTF-8 in '" + names.text() + "', but its byte " + invalid + " is none of a character");
        }
        String from = source == null || source.isEmpty() ? rules.defaultSource() : source;
        checkSize(names.source(), from, Limits.MAX_SOURCE_BYTES);
        String name = id == null || id.isEmpty() ? Digests.documentId(from, given) : id;
        if (Wholes.isPart(name)) {
            throw new RefusedException(
                    "reserved-id",
                    "expected an id that does not end like that of a part of a long document, but '" + names.id()
                            + "' is " + name);
        }
        // The ids of parts are longer.
        int suffix = given.length > rules.maxPartBytes()
                ? Wholes.partId("", DocumentRules.MAX_PARTS - 1).length()
                : 0;
        checkSize(names.id(), name, Limits.MAX_ID_BYTES - suffix);
        int attributeBytes = 0;
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            attributeBytes +=
                    bytes(names.attributes(), attribute.getKey()) + bytes(names.attributes(), attribute.getValue());
        }
        if (attributeBytes > Limits.MAX_ATTRIBUTE_BYTES) {
            throw new RefusedException(
                    "too-large",
                    "expected at most " + Limits.MAX_ATTRIBUTE_BYTES + " bytes of attributes, but there are "
                            + attributeBytes);
        }
        long millis = time == null ? rules.clock().millis() : time;
        long clamped = Math.clamp(millis, Limits.MIN_EVENT_MILLIS, Limits.MAX_EVENT_MILLIS);
        return new Parsed.Accepted(
                Document.newBuilder()
                        .setId(name)
                        .setSource(from)
                        .setText(ByteBuffer.wrap(given))
                        .setEventTimeMillis(clamped)
                        .setOriginalEventTimeMillis(clamped == millis ? null : millis)
                        .setAttributes(attributes)
                        .build(),
                given.length,
                unread);
    }

    private static void checkSize(String name, String value, int maxBytes) throws RefusedException {
        int bytes = bytes(name, value);
        if (bytes > maxBytes) {
            throw new RefusedException(
                    "too-large", "expected at most " + maxBytes + " bytes of '" + name + "', but there are " + bytes);
        }
    }

    /// An escape of JSON can make half of a surrogate pair, which no UTF-8 can hold.
    private static int bytes(String name, String value) throws RefusedException {
        try {
            return StandardCharsets.UTF_8
                    .newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(value))
                    .remaining();
        } catch (CharacterCodingException e) {
            throw new RefusedException("not-utf8", "expected Unicode in '" + name + "', but it has a lone surrogate");
        }
    }
}
