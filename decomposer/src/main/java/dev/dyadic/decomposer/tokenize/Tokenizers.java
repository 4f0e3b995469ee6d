package dev.dyadic.decomposer.tokenize;

import com.knuddels.jtokkit.api.EncodingType;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.TokenizerIdentity;
import java.util.List;

/// The tokenizers that a corpus can have.
public final class Tokenizers {
    public static final List<String> NAMES = List.of("bytes", "r50k_base", "cl100k_base", "o200k_base");

    /// Covers letters, digits, white space, contractions, code, several scripts and emoji.
    private static final String FINGERPRINT_TEXT =
            "Dyadic: it's 2^13 = 8192 tokens,\n\tisn't it?  <|endoftext|>\r\n{\"id\": [1, 22, 333, 4444]}   "
                    + "naïve Straße Ελληνικά русский 日本語 한국어 العربية 🙂👩‍🔬 #!/bin/sh x_y->z();\u00a0\u2028end";

    private Tokenizers() {}

    public static Tokenizer named(String name) {
        return switch (name) {
            case BytesTokenizer.NAME -> new BytesTokenizer();
            case "r50k_base" -> new TiktokenTokenizer(EncodingType.R50K_BASE, 50_256, 50_257);
            case "cl100k_base" -> new TiktokenTokenizer(EncodingType.CL100K_BASE, 100_257, 100_277);
            case "o200k_base" -> new TiktokenTokenizer(EncodingType.O200K_BASE, 199_999, 200_019);
            default ->
                throw new InvalidException(
                        "tokenizer must be one of " + String.join(", ", NAMES) + ", but was " + name);
        };
    }

    static TokenizerIdentity identify(String name, int vocabularySize, int endOfText, Tokenizer tokenizer) {
        Tokens tokens = tokenizer.encode(FINGERPRINT_TEXT);
        long fingerprint = Digests.xxh64(tokens.toBytes(0, tokens.length(), Integer.BYTES));
        return new TokenizerIdentity(name, vocabularySize, endOfText, fingerprint);
    }
}
