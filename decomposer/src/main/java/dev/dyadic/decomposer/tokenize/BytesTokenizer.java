package dev.dyadic.decomposer.tokenize;

import dev.dyadic.proto.TokenizerIdentity;

/// UTF-8 bytes are the ids; end-of-text is 256.
final class BytesTokenizer implements Tokenizer {
    static final String NAME = "bytes";
    static final int END_OF_TEXT = 256;

    private final TokenizerIdentity identity =
            TokenizerIdentity.builtIn(NAME, END_OF_TEXT + 1, END_OF_TEXT, Tokenizers.fingerprint(this));

    @Override
    public TokenizerIdentity identity() {
        return identity;
    }

    @Override
    public Tokens encode(byte[] text) {
        int[] ids = new int[text.length + 1];
        for (int i = 0; i < text.length; i++) {
            ids[i] = text[i] & 0xff;
        }
        ids[text.length] = END_OF_TEXT;
        return Tokens.wrap(ids, ids.length);
    }
}
