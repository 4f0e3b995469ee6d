package dev.dyadic.decomposer.decompose;

/// A run of a document's tokens that becomes one sequence.
///
/// @param start first token in the document
/// @param log2 the bucket: the sequence has length `2^log2`
/// @param tokens that the piece takes: `2^log2 + 1` for layout next-token, `2^log2` for plain
public record Piece(int start, int log2, int tokens) {
    public int end() {
        return start + tokens;
    }
}
