package dev.dyadic.decomposer.tokenize;

import dev.dyadic.decomposer.tokenize.bpe.Encoder;
import dev.dyadic.decomposer.tokenize.huggingface.BytePairs;
import dev.dyadic.proto.TokenizerIdentity;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/// Byte pairs between a begin-of-text, if there is one, and an end-of-text.
final class BytePairTokenizer implements Tokenizer {
    private final BytePairs pairs;
    private final OptionalInt beginOfText;
    private final int endOfText;
    private final TokenizerIdentity identity;
    /// Those that no thread uses now: at most as many as threads ever used them at once.
    private final ConcurrentLinkedQueue<Encoder> idle = new ConcurrentLinkedQueue<>();

    BytePairTokenizer(
            BytePairs pairs,
            OptionalInt beginOfText,
            int endOfText,
            Function<? super Tokenizer, TokenizerIdentity> identify) {
        this.pairs = pairs;
        this.beginOfText = beginOfText;
        this.endOfText = endOfText;
        this.identity = identify.apply(this);
    }

    @Override
    public TokenizerIdentity identity() {
        return identity;
    }

    @Override
    public Tokens encode(byte[] text) {
        Encoder found = idle.poll();
        Encoder encoder = found == null ? new Encoder(pairs.vocabulary()) : found;
        beginOfText.ifPresent(encoder::add);
        pairs.encode(text, encoder);
        encoder.add(endOfText);
        int count = encoder.count();
        Tokens tokens = Tokens.wrap(encoder.take(), count);
        // One that has failed is in the middle of a text, and is let go.
        idle.add(encoder);
        return tokens;
    }
}
