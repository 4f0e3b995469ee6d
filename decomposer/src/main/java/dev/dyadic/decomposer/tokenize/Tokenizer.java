package dev.dyadic.decomposer.tokenize;

import dev.dyadic.proto.TokenizerIdentity;

/// Text to ids. Safe for use by many threads.
public interface Tokenizer {
    TokenizerIdentity identity();

    /// The ids of the text, with end-of-text after them. Special tokens that are spelled out in the text are text.
    Tokens encode(String text);
}
