package dev.dyadic.decomposer.tokenize;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import dev.dyadic.proto.TokenizerIdentity;

/// OpenAI's byte-pair vocabularies, from jtokkit.
final class TiktokenTokenizer implements Tokenizer {
    private final Encoding encoding;
    private final int endOfText;
    private final TokenizerIdentity identity;

    /// @param vocabularySize ids up to end-of-text, which is the largest one that a document can hold
    TiktokenTokenizer(EncodingType type, int endOfText, int vocabularySize) {
        this.encoding = Encodings.newLazyEncodingRegistry().getEncoding(type);
        this.endOfText = endOfText;
        this.identity = Tokenizers.identify(type.getName(), vocabularySize, endOfText, this);
    }

    @Override
    public TokenizerIdentity identity() {
        return identity;
    }

    @Override
    public Tokens encode(String text) {
        IntArrayList encoded = encoding.encodeOrdinary(text);
        int[] ids = new int[encoded.size() + 1];
        for (int i = 0; i < encoded.size(); i++) {
            ids[i] = encoded.get(i);
        }
        ids[encoded.size()] = endOfText;
        return Tokens.wrap(ids);
    }
}
