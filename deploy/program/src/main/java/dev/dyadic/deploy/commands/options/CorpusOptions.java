package dev.dyadic.deploy.commands.options;

import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.GivenFile;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LongDocuments;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What a corpus is made with. It never changes afterwards.
public final class CorpusOptions {
    private static final int PER_MILLION = 1_000_000;

    @Mixin
    private TokenizerOptions tokenizer = new TokenizerOptions();

    @Option(
            names = "--min-length",
            paramLabel = "TOKENS",
            defaultValue = "64",
            description = "Shortest length, a power of two; default ${DEFAULT-VALUE}.")
    private long minLength;

    @Option(
            names = "--max-length",
            paramLabel = "TOKENS",
            defaultValue = "8192",
            description = "Longest length, a power of two; default ${DEFAULT-VALUE}.")
    private long maxLength;

    @Option(
            names = "--layout",
            defaultValue = "next-token",
            description =
                    "next-token: rows hold length + 1 tokens; plain: rows hold length tokens, for trainers that shift"
                            + " inside. Default ${DEFAULT-VALUE}.")
    private String layout = "next-token";

    @Option(
            names = "--long-documents",
            defaultValue = "longest-first",
            description =
                    "longest-first, or spread: draw the lengths of long documents so that every length gets as many"
                            + " tokens. Default ${DEFAULT-VALUE}.")
    private String longDocuments = "longest-first";

    @Option(
            names = "--holdout",
            paramLabel = "SHARE",
            defaultValue = "0.01",
            description = "Share of documents in the hold-out split; default ${DEFAULT-VALUE}.")
    private double holdout;

    @Option(
            names = "--holdout-salt",
            paramLabel = "NUMBER",
            defaultValue = "0",
            description = "Another number gives another hold-out split; default ${DEFAULT-VALUE}.")
    private long holdoutSalt;

    @Option(
            names = "--partitions",
            defaultValue = "4",
            description = "Partitions of each topic; default ${DEFAULT-VALUE}.")
    private int partitions;

    /// What the corpus is made with.
    ///
    /// @param tokenizerFile what its tokenizer was read from
    public record Chosen(CorpusSettings settings, Optional<GivenFile> tokenizerFile) {}

    public Chosen choose(String corpus) {
        if (!(holdout >= 0 && holdout <= 1)) {
            throw new InvalidException("--holdout must be between 0 and 1, but was " + holdout);
        }
        TokenizerOptions.Chosen chosen = tokenizer.choose();
        CorpusSettings settings = new CorpusSettings(
                corpus,
                chosen.tokenizer().identity(),
                Layout.of(layout),
                Buckets.ofLengths(minLength, maxLength),
                LongDocuments.of(longDocuments),
                (int) Math.round(holdout * PER_MILLION),
                holdoutSalt,
                partitions);
        return new Chosen(settings, chosen.file());
    }
}
