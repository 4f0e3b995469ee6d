package dev.dyadic.decomposer.pipeline;

import dev.dyadic.decomposer.decompose.Decomposition;
import dev.dyadic.decomposer.decompose.Piece;
import dev.dyadic.decomposer.tokenize.Tokenizer;
import dev.dyadic.decomposer.tokenize.Tokens;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Digests;
import java.util.List;

/// The rows that a text decomposes into: for finding it in the log without knowing its id.
public final class TextRows {
    private TextRows() {}

    /// @param contentHash XXH64 of the row's bytes
    public record Row(Bucket bucket, int start, long contentHash) {}

    /// @param documentId counts only where long documents are spread
    public static List<Row> of(Tokenizer tokenizer, Decomposition decomposition, String documentId, String text) {
        Tokens tokens = tokenizer.encode(text);
        int width = tokenizer.identity().tokenWidth();
        return decomposition.pieces(tokens.length(), Digests.xxh64(documentId, 0)).stream()
                .map(piece -> row(tokens, piece, width))
                .toList();
    }

    private static Row row(Tokens tokens, Piece piece, int width) {
        return new Row(piece.bucket(), piece.start(), Digests.xxh64(tokens.toBytes(piece.start(), piece.end(), width)));
    }
}
