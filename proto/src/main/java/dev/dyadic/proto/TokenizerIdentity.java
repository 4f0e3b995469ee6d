package dev.dyadic.proto;

import java.util.Optional;
import java.util.OptionalInt;

/// What makes two tokenizers the same.
///
/// @param name one of those that this program brings, or what the file was called
/// @param vocabularySize ids are `[0, vocabularySize)`, end-of-text included
/// @param endOfText the id at the end of each document
/// @param beginOfText the id before each document, if there is one
/// @param fingerprint XXH64 of the ids that a fixed text gives, as little-endian int32
/// @param file SHA-256 of the file that it was read from, in hexadecimal; empty: this program brings it
/// @param unicode version of Unicode that classes of characters were taken from; empty where it does not matter
public record TokenizerIdentity(
        String name,
        int vocabularySize,
        int endOfText,
        OptionalInt beginOfText,
        long fingerprint,
        Optional<String> file,
        String unicode) {
    private static final int UINT16_IDS = 1 << 16;

    public TokenizerIdentity {
        checkId("tokenizer.end-of-text", endOfText, vocabularySize);
        if (beginOfText.isPresent()) {
            checkId("tokenizer.begin-of-text", beginOfText.getAsInt(), vocabularySize);
        }
    }

    /// A tokenizer that this program brings.
    public static TokenizerIdentity builtIn(String name, int vocabularySize, int endOfText, long fingerprint) {
        return new TokenizerIdentity(
                name, vocabularySize, endOfText, OptionalInt.empty(), fingerprint, Optional.empty(), "");
    }

    /// Bytes per id: uint16 up to 65,536 ids, else uint32.
    public int tokenWidth() {
        return vocabularySize <= UINT16_IDS ? 2 : 4;
    }

    private static void checkId(String key, int id, int vocabularySize) {
        if (id < 0 || id >= vocabularySize) {
            throw new InvalidException(key + " must be between 0 and " + (vocabularySize - 1) + ", but was " + id);
        }
    }
}
