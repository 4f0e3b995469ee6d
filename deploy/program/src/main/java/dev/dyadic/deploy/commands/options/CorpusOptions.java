package dev.dyadic.deploy.commands.options;

import dev.dyadic.deploy.local.CorpusChoice;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LongDocuments;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What a corpus is made with. It never changes afterwards.
public final class CorpusOptions {
    private static final int PER_MILLION = 1_000_000;
    private static final long MIN_LENGTH = 64;
    private static final long MAX_LENGTH = 8192;
    private static final double HOLDOUT = 0.01;
    private static final int PARTITIONS = 4;

    @Mixin
    private TokenizerOptions tokenizer = new TokenizerOptions();

    @Option(
            names = "--min-length",
            paramLabel = "TOKENS",
            description = "Shortest length, a power of two; default " + MIN_LENGTH + ".")
    private @Nullable Long minLength;

    @Option(names = "--max-length", paramLabel = "TOKENS", description = "Longest length, a power of two; default 8Ki.")
    private @Nullable Long maxLength;

    @Option(
            names = "--layout",
            paramLabel = "LAYOUT",
            description =
                    "next-token: rows hold length + 1 tokens; plain: rows hold length tokens, for trainers that shift"
                            + " inside. Default next-token.")
    private @Nullable String layout;

    @Option(
            names = "--long-documents",
            paramLabel = "HOW",
            description =
                    "longest-first, or spread: draw the lengths of long documents so that every length gets as many"
                            + " tokens. Default longest-first.")
    private @Nullable String longDocuments;

    @Option(
            names = "--holdout",
            paramLabel = "SHARE",
            description = "Share of documents in the hold-out split; default " + HOLDOUT + ".")
    private @Nullable Double holdout;

    @Option(
            names = "--holdout-salt",
            paramLabel = "NUMBER",
            description = "Another number gives another hold-out split; default 0.")
    private @Nullable Long holdoutSalt;

    @Option(
            names = "--partitions",
            paramLabel = "COUNT",
            description = "Partitions of each topic; default " + PARTITIONS + ".")
    private @Nullable Integer partitions;

    /// Throws where something that is given is wrong in itself, whatever the corpus has.
    public void require() {
        if (holdout != null && !(holdout >= 0 && holdout <= 1)) {
            throw new InvalidException("--holdout must be between 0 and 1, but was " + holdout);
        }
        if (minLength != null) {
            Bucket.ofLength("min-length", minLength);
        }
        if (maxLength != null) {
            Bucket.ofLength("max-length", maxLength);
        }
        if (layout != null) {
            Layout.of(layout);
        }
        if (longDocuments != null) {
            LongDocuments.of(longDocuments);
        }
        tokenizer.require();
    }

    /// What is given, or else what a corpus that exists has, or else the default.
    ///
    /// @param existing what the corpus of this name was made with
    public CorpusChoice choose(String corpus, Optional<CorpusSettings> existing) {
        require();
        TokenizerOptions.Identified chosen = tokenizer.identify(existing.map(CorpusSettings::tokenizer));
        CorpusSettings settings = new CorpusSettings(
                corpus,
                chosen.identity(),
                given(layout, Layout::of, existing.map(CorpusSettings::layout), Layout.NEXT_TOKEN),
                Buckets.ofLengths(
                        given(minLength, existing.map(has -> has.buckets().minLength()), MIN_LENGTH),
                        given(maxLength, existing.map(has -> has.buckets().maxLength()), MAX_LENGTH)),
                given(
                        longDocuments,
                        LongDocuments::of,
                        existing.map(CorpusSettings::longDocuments),
                        LongDocuments.LONGEST_FIRST),
                given(
                        holdout,
                        share -> (int) Math.round(share * PER_MILLION),
                        existing.map(CorpusSettings::holdoutPerMillion),
                        (int) Math.round(HOLDOUT * PER_MILLION)),
                given(holdoutSalt, Function.identity(), existing.map(CorpusSettings::holdoutSalt), 0L),
                given(partitions, Function.identity(), existing.map(CorpusSettings::partitions), PARTITIONS));
        return new CorpusChoice(settings, chosen.file());
    }

    private static long given(@Nullable Long option, Optional<? extends Number> existing, long byDefault) {
        return option == null ? existing.map(Number::longValue).orElse(byDefault) : option;
    }

    private static <O, T> T given(@Nullable O option, Function<O, T> read, Optional<T> existing, T byDefault) {
        return option == null ? existing.orElse(byDefault) : read.apply(option);
    }
}
