package dev.dyadic.proto;

/// What makes two tokenizers the same.
///
/// @param vocabularySize ids are `[0, vocabularySize)`, end-of-text included
/// @param fingerprint XXH64 of the ids that a fixed text gives, as little-endian int32
public record TokenizerIdentity(String name, int vocabularySize, int endOfText, long fingerprint) {
    private static final int UINT16_IDS = 1 << 16;

    public TokenizerIdentity {
        if (endOfText < 0 || endOfText >= vocabularySize) {
            throw new InvalidException(
                    "tokenizer.end-of-text must be between 0 and " + (vocabularySize - 1) + ", but was " + endOfText);
        }
    }

    /// Bytes per id: uint16 up to 65,536 ids, else uint32.
    public int tokenWidth() {
        return vocabularySize <= UINT16_IDS ? 2 : 4;
    }
}
