package dev.dyadic.decomposer.tokenize;

import dev.dyadic.proto.TokenizerIdentity;
import java.nio.charset.StandardCharsets;

/// UTF-8 bytes are the ids; end-of-text is 256.
final class BytesTokenizer implements Tokenizer {
    static final String NAME = "bytes";
    private static final int END_OF_TEXT = 256;

    private final TokenizerIdentity identity = Tokenizers.identify(NAME, END_OF_TEXT + 1, END_OF_TEXT, this);

    @Override
    public TokenizerIdentity identity() {
        return identity;
    }

    @Override
    public Tokens encode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length + 1];
        for (int i = 0; i < bytes.length; i++) {
            ids[i] = bytes[i] & 0xff;
        }
        ids[bytes.length] = END_OF_TEXT;
        return Tokens.wrap(ids);
    }
}
