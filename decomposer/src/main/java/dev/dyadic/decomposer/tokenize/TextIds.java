package dev.dyadic.decomposer.tokenize;

import dev.dyadic.decomposer.tokenize.bpe.Encoder;
import dev.dyadic.decomposer.tokenize.huggingface.BytePairs;
import dev.dyadic.decomposer.tokenize.huggingface.TokenizerJson;
import dev.dyadic.proto.Asset;
import java.util.function.IntFunction;

/// Texts to ids with nothing around them, and what each id stands for: for looking at a tokenizer. Not safe for use by
/// several threads.
public final class TextIds {
    private final IntFunction<byte[]> pieces;
    private final BytePairs pairs;
    private final Encoder encoder;

    private TextIds(BytePairs pairs, IntFunction<byte[]> pieces) {
        this.pairs = pairs;
        this.pieces = pieces;
        this.encoder = new Encoder(pairs.vocabulary());
    }

    /// @param name one of [Tokenizers#NAMES]
    public static TextIds named(String name) {
        byte[][] tokens = Tokenizers.tokens(name);
        return new TextIds(Tokenizers.pairs(name), id -> tokens[id]);
    }

    /// @param name for messages
    public static TextIds ofFile(String name, Asset file) {
        TokenizerJson.Contents contents = Tokenizers.read(name, file);
        byte[][] tokens = contents.tokens();
        return new TextIds(contents.pairs(), id -> tokens[id]);
    }

    /// @param text valid UTF-8
    public Tokens ids(byte[] text) {
        pairs.encode(text, encoder);
        int count = encoder.count();
        return Tokens.wrap(encoder.take(), count);
    }

    /// The bytes that an id stands for; they may be a part of a character.
    public byte[] bytesOf(int id) {
        return pieces.apply(id).clone();
    }
}
