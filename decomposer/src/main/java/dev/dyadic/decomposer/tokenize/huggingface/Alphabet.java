package dev.dyadic.decomposer.tokenize.huggingface;

/// What the symbols of a vocabulary are, which its tokens are spelled with.
enum Alphabet {
    /// Characters; those that the vocabulary does not have are their bytes.
    CHARACTERS,
    /// Bytes, which tokens are spelled with letters for.
    BYTES,
    /// The letters for bytes, as texts are spelled with before they are cut.
    LETTERS_FOR_BYTES
}
