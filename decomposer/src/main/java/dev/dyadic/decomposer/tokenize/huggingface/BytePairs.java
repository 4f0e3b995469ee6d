package dev.dyadic.decomposer.tokenize.huggingface;

import dev.dyadic.decomposer.tokenize.bpe.Encoder;
import dev.dyadic.decomposer.tokenize.bpe.Vocabulary;
import dev.dyadic.decomposer.tokenize.stages.Looks;
import dev.dyadic.decomposer.tokenize.stages.Normalizer;
import dev.dyadic.decomposer.tokenize.stages.Splitter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A byte-pair tokenizer of the Hugging Face library: added tokens, normalizer, pre-tokenizer, vocabulary. Never
/// changes; safe for use by many threads.
public final class BytePairs {
    private final Optional<Normalizer> normalizer;
    private final Splitter atStart;
    private final Splitter splitter;
    /// Whether a text is cut otherwise where it begins with the document.
    private final boolean tellsStart;

    private final Vocabulary vocabulary;
    private final AddedTokens raw;
    private final AddedTokens normalized;
    private final List<AddedToken> added;
    private final int size;

    BytePairs(
            Optional<Normalizer> normalizer,
            Splitter splitter,
            Vocabulary vocabulary,
            List<AddedToken> added,
            int size) {
        this.normalizer = normalizer;
        this.atStart = splitter.atStart();
        this.splitter = splitter;
        this.tellsStart = !atStart.equals(splitter);
        this.vocabulary = vocabulary;
        this.added = List.copyOf(added);
        this.size = size;
        this.raw = new AddedTokens(
                added.stream().filter(token -> !token.normalized()).toList(), content -> content);
        this.normalized = new AddedTokens(
                added.stream().filter(AddedToken::normalized).toList(),
                content -> normalizer.map(n -> n.normalize(content)).orElse(content));
    }

    /// A tokenizer that is a splitter and a vocabulary.
    public static BytePairs of(Splitter splitter, Vocabulary vocabulary, int size) {
        return new BytePairs(Optional.empty(), splitter, vocabulary, List.of(), size);
    }

    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /// Number of ids.
    public int size() {
        return size;
    }

    public List<AddedToken> added() {
        return added;
    }

    /// @param text UTF-8
    public void encode(byte[] text, Encoder to) {
        Looks.forDocument(text.length, () -> split(text, to));
    }

    private void split(byte[] text, Encoder to) {
        if (raw.isEmpty()) {
            normalize(text, 0, text.length, true, to);
            return;
        }
        raw.split(text, 0, text.length, new AddedTokens.Parts() {
            @Override
            public void text(int from, int end) {
                normalize(text, from, end, from == 0, to);
            }

            @Override
            public void token(int id) {
                to.add(id);
            }
        });
    }

    private void normalize(byte[] text, int from, int end, boolean first, Encoder to) {
        if (normalizer.isEmpty()) {
            findNormalized(text, from, end, first, to);
            return;
        }
        byte[] part = from == 0 && end == text.length ? text : Arrays.copyOfRange(text, from, end);
        byte[] rewritten = normalizer.get().normalize(part);
        boolean isStart = first && tellsStart && normalizer.get().keepsStart(part);
        findNormalized(rewritten, 0, rewritten.length, isStart, to);
    }

    private void findNormalized(byte[] text, int from, int end, boolean first, Encoder to) {
        if (normalized.isEmpty()) {
            split(text, from, end, first, to);
            return;
        }
        normalized.split(text, from, end, new AddedTokens.Parts() {
            @Override
            public void text(int begin, int stop) {
                split(text, begin, stop, first && begin == from, to);
            }

            @Override
            public void token(int id) {
                to.add(id);
            }
        });
    }

    private void split(byte[] text, int from, int end, boolean first, Encoder to) {
        if (from < end) {
            (first ? atStart : splitter).split(text, from, end, to);
        }
    }
}
