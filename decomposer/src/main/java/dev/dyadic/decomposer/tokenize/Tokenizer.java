package dev.dyadic.decomposer.tokenize;

import dev.dyadic.proto.TokenizerIdentity;
import java.nio.charset.StandardCharsets;

/// Text to ids. Never changes; safe for use by many threads.
public interface Tokenizer {
    TokenizerIdentity identity();

    /// The ids of the text: begin-of-text if the tokenizer has one, the text, end-of-text. Special tokens that are
    /// spelled out in the text are text.
    ///
    /// @param text valid UTF-8, which is not kept
    Tokens encode(byte[] text);

    /// The ids of a text; what is no character in it counts as `?`.
    default Tokens encode(String text) {
        return encode(text.getBytes(StandardCharsets.UTF_8));
    }
}
