package dev.dyadic.ingest.document;

import dev.dyadic.proto.Codec;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Wholes;
import dev.dyadic.proto.avro.Document;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// What makes a document of what an entry has.
///
/// @param defaultSource of documents without one
/// @param maxTextBytes longer texts are refused
/// @param maxPartBytes longer texts are split into parts
/// @param clock the time of documents without one
public record DocumentRules(
        Fields fields, String defaultSource, int maxTextBytes, int maxPartBytes, InstantSource clock) {
    /// Parts are numbered below this.
    static final int MAX_PARTS = 1000;

    private static final int MIN_PART_BYTES = 32;
    /// No part is smaller than this part of the largest one.
    private static final int SMALLEST_PART = 4;

    public DocumentRules {
        if (maxPartBytes < MIN_PART_BYTES
                || maxTextBytes < maxPartBytes
                || maxTextBytes / maxPartBytes > MAX_PARTS / SMALLEST_PART) {
            throw new InvalidException("parts must have at least " + MIN_PART_BYTES
                    + " bytes, and a text between 1 and " + MAX_PARTS / SMALLEST_PART + " times as many, but they were "
                    + maxPartBytes + " and " + maxTextBytes);
        }
    }

    /// With the limits of the documents topic; longer texts are refused.
    public static DocumentRules of(Fields fields, String defaultSource) {
        return new DocumentRules(
                fields, defaultSource, Limits.MAX_TEXT_BYTES, Limits.MAX_TEXT_BYTES, InstantSource.system());
    }

    /// The same, for an input whose documents have another source.
    public DocumentRules withSource(String source) {
        return new DocumentRules(fields, source, maxTextBytes, maxPartBytes, clock);
    }

    /// The same, for texts that are too long for the documents topic.
    public DocumentRules with(TooLong tooLong) {
        int most = switch (tooLong) {
            case REFUSE -> maxPartBytes;
            case SPLIT -> Limits.MAX_WHOLE_TEXT_BYTES;
        };
        return new DocumentRules(fields, defaultSource, most, maxPartBytes, clock);
    }

    /// Documents that make up what may be too long for one: their texts, one after the other, are its text.
    public List<Document> parts(Document document) {
        ByteBuffer text = document.getText();
        if (text.remaining() <= maxPartBytes) {
            return List.of(document);
        }
        List<ByteBuffer> texts = TextParts.of(text, maxPartBytes);
        String whole = document.getId();
        long digest = Digests.xxh64(Codec.array(text));
        List<Document> parts = new ArrayList<>(texts.size());
        for (int part = 0; part < texts.size(); part++) {
            parts.add(Document.newBuilder(document)
                    .setId(Wholes.partId(whole, part))
                    .setText(texts.get(part))
                    .setWholeId(whole)
                    .setPart(part)
                    .setParts(texts.size())
                    .setWholeDigest(digest)
                    .build());
        }
        return parts;
    }
}
