package dev.dyadic.deploy.experiment;

import dev.dyadic.decomposer.tokenize.Tokenizer;
import dev.dyadic.decomposer.tokenize.Tokens;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.trainer.model.ModelState;
import dev.dyadic.trainer.model.TokenRows;
import dev.dyadic.trainer.model.Transformer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The loss over whole documents of the hold-out: each alone, from its first token on; those that are longer than the
/// longest length in windows of it.
final class WholeDocuments {
    private final List<TokenRows> windows;

    private WholeDocuments(List<TokenRows> windows) {
        this.windows = windows;
    }

    /// @param maxTokens over all documents; those that come first are taken
    static WholeDocuments of(List<Document> documents, Tokenizer tokenizer, int maxLength, long maxTokens) {
        List<TokenRows> windows = new ArrayList<>();
        long taken = 0;
        for (Document document : documents) {
            Tokens tokens = tokenizer.encode(StandardCharsets.UTF_8
                    .decode(document.getText().duplicate())
                    .toString());
            for (int from = 0; from + 1 < tokens.length() && taken < maxTokens; from += maxLength) {
                int end = Math.min(from + maxLength + 1, tokens.length());
                long[] ids = new long[end - from];
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = tokens.get(from + i);
                }
                windows.add(new TokenRows(ids, 1));
                taken += ids.length - 1L;
            }
        }
        return new WholeDocuments(windows);
    }

    /// Mean over all targets, in nats.
    float loss(Transformer model, ModelState state) {
        double sum = 0;
        long tokens = 0;
        for (TokenRows window : windows) {
            sum += (double) model.evaluate(state, window, window.length())[0] * window.length();
            tokens += window.length();
        }
        return (float) (sum / Math.max(1, tokens));
    }
}
