package dev.dyadic.decomposer.decompose;

import dev.dyadic.proto.Bucket;
/// A run of a document's tokens that becomes one sequence.
///
/// @param start first token in the document
/// @param bucket that the sequence belongs to
/// @param tokens that the piece takes: one more than its length for layout next-token, its length for plain

public record Piece(int start, Bucket bucket, int tokens) {
    public int end() {
        return start + tokens;
    }
}
