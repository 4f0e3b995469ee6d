package dev.dyadic.deploy.commands.corpus;

import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.TokenizerIdentity;

/// What a corpus was made with, for scripts.
final class CorpusFacts {
    private CorpusFacts() {}

    /// @param bytes -1: unknown
    static Object mebibytes(long bytes) {
        return bytes < 0 ? "-" : bytes >> 20;
    }

    static Facts of(CorpusSettings settings) {
        TokenizerIdentity tokenizer = settings.tokenizer();
        return Facts.of("corpus", settings.corpus())
                .and("tokenizer", tokenizer.name())
                .and("vocabularySize", tokenizer.vocabularySize())
                .and("tokenizerSha256", tokenizer.file().orElse(""))
                .and("layout", settings.layout().text())
                .and("minLength", settings.buckets().minLength())
                .and("maxLength", settings.buckets().maxLength())
                .and("longDocuments", settings.longDocuments().text())
                .and("holdout", settings.holdoutPerMillion() / 1e6)
                .and("holdoutSalt", settings.holdoutSalt())
                .and("partitions", settings.partitions());
    }
}
