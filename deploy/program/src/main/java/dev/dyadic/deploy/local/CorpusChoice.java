package dev.dyadic.deploy.local;

import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.GivenFile;
import java.util.Optional;
import java.util.function.Function;

/// What a corpus is made with, or what one that exists must have.
///
/// @param tokenizerFile what its tokenizer was read from; empty: this program brings it, or the corpus has it
public record CorpusChoice(CorpusSettings settings, Optional<GivenFile> tokenizerFile) {
    /// What is chosen, where it depends on the corpus that is there, if one is.
    @FunctionalInterface
    public interface OnExisting extends Function<Optional<CorpusSettings>, CorpusChoice> {
        /// This, whatever is there.
        static OnExisting always(CorpusSettings settings, Optional<GivenFile> tokenizerFile) {
            return _ -> new CorpusChoice(settings, tokenizerFile);
        }
    }
}
