package dev.dyadic.decomposer.pipeline;

import dev.dyadic.decomposer.decompose.Decomposition;
import dev.dyadic.decomposer.decompose.Piece;
import dev.dyadic.decomposer.tokenize.Tokenizer;
import dev.dyadic.decomposer.tokenize.Tokens;
import dev.dyadic.decomposer.tokenize.stages.TooMuchWorkException;
import dev.dyadic.proto.Codec;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.Utf8;
import dev.dyadic.proto.Wholes;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.avro.Reject;
import dev.dyadic.proto.avro.Sequence;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Check, deduplicate, tokenize, decompose: one record in, one outcome out, whatever the record is.
public final class DocumentPipeline {
    private static final int MAX_DETAIL_CHARS = 1000;

    private final CorpusSettings settings;
    private final Tokenizer tokenizer;
    private final Decomposition decomposition;

    public DocumentPipeline(CorpusSettings settings, Tokenizer tokenizer) {
        this.settings = settings;
        this.tokenizer = tokenizer;
        this.decomposition = new Decomposition(settings.buckets(), settings.layout(), settings.longDocuments());
    }

    public Outcome process(Incoming incoming, SeenDocuments seen) {
        if (incoming.offset() <= seen.lastRejected()) {
            return new Outcome.Repeated();
        }
        Document document = null;
        int tokenCount = 0;
        try {
            document = read(incoming);
            byte[] text = check(document, incoming.key());
            if (!seen.admitsSource(document.getSource(), Limits.MAX_SOURCES)) {
                throw rejectedByCheck(
                        "too-many-sources",
                        "expected at most " + Limits.MAX_SOURCES + " sources, but '" + document.getSource()
                                + "' is one more");
            }
            OptionalLong first = decomposedBefore(document, seen);
            if (first.isPresent()) {
                if (first.getAsLong() == incoming.offset()) {
                    return new Outcome.Repeated();
                }
                throw new RejectedException(
                        "deduplicate",
                        "duplicate",
                        "expected a new document id, but it came before at offset " + first.getAsLong());
            }
            Tokens tokens = ofPart(document, tokenize(text));
            tokenCount = tokens.length();
            List<Sequence> sequences = decompose(document, incoming, tokens);
            remember(document, incoming.offset(), seen);
            return new Outcome.Decomposed(sequences);
        } catch (RejectedException e) {
            seen.rejected(incoming.offset());
            return new Outcome.Rejected(reject(incoming, document, tokenCount, e));
        }
    }

    /// Where this document was decomposed, or another one of its id. Parts go by their whole: one text of an id is
    /// decomposed, in parts or not.
    private static OptionalLong decomposedBefore(Document document, SeenDocuments seen) {
        OptionalLong itself = seen.decomposedAt(document.getId());
        String whole = document.getWholeId();
        boolean isOther = itself.isEmpty()
                && whole != null
                && seen.decomposedAt(Wholes.versionOf(whole, document.getWholeDigest()))
                        .isEmpty();
        return isOther ? seen.decomposedAt(whole) : itself;
    }

    private static void remember(Document document, long offset, SeenDocuments seen) {
        seen.decomposed(document.getId(), document.getSource(), offset);
        String whole = document.getWholeId();
        if (whole != null) {
            String version = Wholes.versionOf(whole, document.getWholeDigest());
            if (seen.decomposedAt(version).isEmpty()) {
                seen.decomposed(whole, document.getSource(), offset);
                seen.decomposed(version, document.getSource(), offset);
            }
        }
    }

    private static Document read(Incoming incoming) throws RejectedException {
        ByteBuffer value = incoming.value();
        if (value == null) {
            throw rejectedByCheck("no-value", "expected a document, but the record has no value");
        }
        try {
            return Codecs.DOCUMENT.decode(value);
        } catch (UnreadableRecordException e) {
            throw rejectedByCheck("not-avro", String.valueOf(e.getMessage()));
        }
    }

    private static byte[] check(Document document, @Nullable ByteBuffer key) throws RejectedException {
        checkName("id", document.getId(), Limits.MAX_ID_BYTES);
        checkName("source", document.getSource(), Limits.MAX_SOURCE_BYTES);
        checkPart(document);
        if (key == null || !key.equals(ByteBuffer.wrap(Wholes.idOf(document).getBytes(StandardCharsets.UTF_8)))) {
            throw rejectedByCheck(
                    "wrong-key",
                    "expected the document id as record key, or that of the whole where it is a part, but it is another");
        }
        int attributeBytes = 0;
        for (Map.Entry<String, String> attribute : document.getAttributes().entrySet()) {
            attributeBytes += utf8Bytes(attribute.getKey()) + utf8Bytes(attribute.getValue());
        }
        checkSize("attributes", attributeBytes, Limits.MAX_ATTRIBUTE_BYTES);
        ByteBuffer text = document.getText();
        if (!text.hasRemaining()) {
            throw rejectedByCheck("empty-text", "expected text, but it is empty");
        }
        checkSize("text", text.remaining(), Limits.MAX_TEXT_BYTES);
        byte[] bytes = Codec.array(text);
        int invalid = Utf8.firstInvalid(bytes, 0, bytes.length);
        if (invalid >= 0) {
            throw rejectedByCheck(
                    "not-utf8", "expected UTF-8 text, but its byte " + invalid + " is none of a character");
        }
        return bytes;
    }

    private static void checkPart(Document document) throws RejectedException {
        String whole = document.getWholeId();
        if (whole != null) {
            checkName("wholeId", whole, Limits.MAX_ID_BYTES);
        }
        int parts = document.getParts();
        if (document.getPart() < 0 || document.getPart() >= parts || (whole == null && parts != 1)) {
            throw rejectedByCheck(
                    "bad-part",
                    "expected part 0 of 1, or a wholeId and a part below its parts, but it is part "
                            + document.getPart() + " of " + parts
                            + (whole == null ? " without a wholeId" : ""));
        }
        if (whole != null && !document.getId().equals(Wholes.partId(whole, document.getPart()))) {
            throw rejectedByCheck(
                    "bad-part",
                    "expected " + Wholes.partId(whole, document.getPart()) + " as id of this part, but it is "
                            + document.getId());
        }
    }

    private Tokens tokenize(byte[] text) throws RejectedException {
        try {
            return tokenizer.encode(text);
        } catch (TooMuchWorkException e) {
            throw new RejectedException("tokenize", "too-much-work", String.valueOf(e.getMessage()));
        } catch (RuntimeException | StackOverflowError e) {
            // A tokenizer sees arbitrary text, and may have patterns of others. The stream goes on.
            throw new RejectedException(
                    "tokenize",
                    "tokenizer-failed",
                    "tokenizer " + tokenizer.identity().name() + " failed: " + e);
        }
    }

    /// A document begins with its first part, and ends with its last one.
    private Tokens ofPart(Document document, Tokens tokens) {
        boolean hasBegin = tokenizer.identity().beginOfText().isPresent();
        int from = hasBegin && document.getPart() > 0 ? 1 : 0;
        int to = tokens.length() - (document.getPart() < document.getParts() - 1 ? 1 : 0);
        return tokens.range(from, to);
    }

    private List<Sequence> decompose(Document document, Incoming incoming, Tokens tokens) throws RejectedException {
        List<Piece> pieces = decomposition.pieces(tokens.length(), Digests.xxh64(document.getId(), 0));
        if (pieces.isEmpty()) {
            int shortest = settings.layout().rowTokens(settings.buckets().min());
            throw new RejectedException(
                    "decompose",
                    "short",
                    "expected at least " + shortest + " tokens, but there are " + tokens.length());
        }
        String split = settings.splitOf(Wholes.idOf(document)).text();
        int width = settings.tokenizer().tokenWidth();
        List<Sequence> sequences = new ArrayList<>(pieces.size());
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            byte[] bytes = tokens.toBytes(piece.start(), piece.end(), width);
            // The builder would look up the default of each field.
            sequences.add(new Sequence(
                    document.getId(),
                    document.getSource(),
                    split,
                    incoming.offset(),
                    incoming.bytes(),
                    tokens.length(),
                    i,
                    pieces.size(),
                    piece.start(),
                    piece.bucket().log2(),
                    incoming.publishedMillis(),
                    Digests.xxh64(bytes),
                    ByteBuffer.wrap(bytes),
                    document.getWholeId(),
                    document.getWholeDigest()));
        }
        return sequences;
    }

    private static Reject reject(
            Incoming incoming, @Nullable Document document, int tokenCount, RejectedException problem) {
        ByteBuffer copy = incoming.value() == null
                ? ByteBuffer.allocate(0)
                : incoming.value().duplicate();
        copy.limit(copy.position() + Math.min(copy.remaining(), Limits.MAX_REJECT_COPY_BYTES));
        return Reject.newBuilder()
                .setStage(problem.stage())
                .setReason(problem.reason())
                .setDetail(cut(problem.detail()))
                .setDocumentId(document == null ? null : cut(document.getId()))
                .setSource(document == null ? null : cut(document.getSource()))
                .setOrigin(incoming.topic())
                .setPosition(incoming.offset())
                .setDocumentBytes(incoming.bytes())
                .setDocumentTokens(tokenCount)
                .setRecord(copy)
                .build();
    }

    private static void checkName(String field, String value, int maxBytes) throws RejectedException {
        if (value.isEmpty()) {
            throw rejectedByCheck("empty-" + field, "expected a document " + field + ", but it is empty");
        }
        checkSize(field, utf8Bytes(value), maxBytes);
    }

    private static void checkSize(String field, int bytes, int maxBytes) throws RejectedException {
        if (bytes > maxBytes) {
            throw rejectedByCheck(
                    "too-large", "expected at most " + maxBytes + " bytes of " + field + ", but there are " + bytes);
        }
    }

    private static int utf8Bytes(String value) {
        return value.getBytes(StandardCharsets.UTF_8).length;
    }

    private static RejectedException rejectedByCheck(String reason, String detail) {
        return new RejectedException("check", reason, detail);
    }

    private static String cut(String text) {
        return text.length() <= MAX_DETAIL_CHARS ? text : text.substring(0, MAX_DETAIL_CHARS) + "…";
    }
}
