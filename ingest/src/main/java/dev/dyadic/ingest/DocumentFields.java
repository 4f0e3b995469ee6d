package dev.dyadic.ingest;

import dev.dyadic.proto.Digests;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.avro.Document;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a document is made of, as it came; knows whether it makes one.
final class DocumentFields {
    @Nullable
    String id;

    @Nullable
    String text;

    @Nullable
    String source;

    /// Milliseconds since 1970 UTC.
    @Nullable
    Long time;

    /// Whether there was a time that could not be read.
    boolean hasUnreadTime;

    final Map<String, String> attributes = new TreeMap<>();

    /// @param names what the fields are called where they come from
    /// @param defaultSource of documents without one
    Parsed.Accepted document(Fields names, String defaultSource, int maxTextBytes, InstantSource clock)
            throws RefusedException {
        String given = text;
        if (given == null) {
            throw new RefusedException("missing-field", "expected a field '" + names.text() + "', but there is none");
        }
        if (given.isEmpty()) {
            throw new RefusedException("empty-text", "expected text, but '" + names.text() + "' is empty");
        }
        ByteBuffer encoded = utf8(names.text(), given);
        int textBytes = encoded.remaining();
        if (textBytes > maxTextBytes) {
            throw new RefusedException(
                    "too-large", "expected at most " + maxTextBytes + " bytes of text, but there are " + textBytes);
        }
        String from = source == null || source.isEmpty() ? defaultSource : source;
        checkSize(names.source(), from, Limits.MAX_SOURCE_BYTES);
        String name = id;
        if (name == null || name.isEmpty()) {
            byte[] copy = new byte[textBytes];
            encoded.duplicate().get(copy);
            name = Digests.documentId(from, copy);
        }
        checkSize(names.id(), name, Limits.MAX_ID_BYTES);
        int attributeBytes = 0;
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            attributeBytes += utf8(names.attributes(), attribute.getKey()).remaining()
                    + utf8(names.attributes(), attribute.getValue()).remaining();
        }
        if (attributeBytes > Limits.MAX_ATTRIBUTE_BYTES) {
            throw new RefusedException(
                    "too-large",
                    "expected at most " + Limits.MAX_ATTRIBUTE_BYTES + " bytes of attributes, but there are "
                            + attributeBytes);
        }
        long millis = time == null ? clock.millis() : time;
        long clamped = Math.clamp(millis, Limits.MIN_EVENT_MILLIS, Limits.MAX_EVENT_MILLIS);
        return new Parsed.Accepted(
                Document.newBuilder()
                        .setId(name)
                        .setSource(from)
                        .setText(encoded)
                        .setEventTimeMillis(clamped)
                        .setOriginalEventTimeMillis(clamped == millis ? null : millis)
                        .setAttributes(attributes)
                        .build(),
                textBytes,
                time == null && hasUnreadTime);
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
}
