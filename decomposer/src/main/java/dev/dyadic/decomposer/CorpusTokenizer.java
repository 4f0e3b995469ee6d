package dev.dyadic.decomposer;

import dev.dyadic.decomposer.tokenize.Tokenizer;
import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.proto.TokenizerIdentity;
import dev.dyadic.proto.kafka.Assets;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;

/// The tokenizer of a corpus, from what this program brings or from the corpus's assets.
public final class CorpusTokenizer {
    private CorpusTokenizer() {}

    /// @throws DecomposerException where it would not give the ids that the corpus was made with
    public static Tokenizer of(Cluster cluster, Corpus corpus) {
        TokenizerIdentity expected = corpus.settings().tokenizer();
        Tokenizer tokenizer =
                Tokenizers.of(expected, expected.file().map(sha256 -> Assets.read(cluster, corpus.topics(), sha256)));
        TokenizerIdentity found = tokenizer.identity();
        if (!found.unicode().equals(expected.unicode())) {
            throw new DecomposerException(
                    "the corpus was made with Unicode " + expected.unicode() + ", but this Java has Unicode "
                            + found.unicode() + ", which would cut some texts elsewhere. Use a Java with Unicode "
                            + expected.unicode() + ".",
                    null);
        }
        if (!found.equals(expected)) {
            throw new DecomposerException(
                    "tokenizer " + expected.name() + " of this program behaves differently from the corpus's: expected "
                            + expected + ", but it is " + found + ". Use the Dyadic version that made the corpus.",
                    null);
        }
        return tokenizer;
    }
}
