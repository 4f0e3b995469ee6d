package dev.dyadic.decomposer.tokenize.stages;

/// Takes pieces of a text, in their order.
@FunctionalInterface
public interface Pieces {
    /// @param text UTF-8; the array may be another one for each piece, and is not kept
    /// @param from where the piece begins
    /// @param to where it ends, behind `from`
    void piece(byte[] text, int from, int to);
}
