package dev.dyadic.proto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CorpusSettingsTest {
    private static final CorpusSettings SETTINGS = settings("bytes", new Buckets(6, 13), 4);

    @Test
    void survivesTheIdentityRecord() {
        assertThat(CorpusSettings.of(SETTINGS.toIdentity(Map.of(), 1))).isEqualTo(SETTINGS);
    }

    @Test
    void namesEachDifference() {
        CorpusSettings other = settings("r50k_base", new Buckets(8, 13), 8);

        assertThat(SETTINGS.differences(SETTINGS)).isEmpty();
        assertThat(SETTINGS.differences(other))
                .containsExactly(
                        "tokenizer: the corpus has bytes, but r50k_base was asked for",
                        "lengths: the corpus has 64..8192, but 256..8192 was asked for",
                        "partitions: the corpus has 4, but 8 was asked for");
    }

    @Test
    void holdoutHasItsShareAndIsFixedByTheId() {
        long holdout = IntStream.range(0, 100_000)
                .filter(i -> SETTINGS.splitOf("document-" + i) == Split.HOLDOUT)
                .count();

        assertThat(holdout).isBetween(9_500L, 10_500L);
        assertThat(SETTINGS.splitOf("document-7")).isEqualTo(SETTINGS.splitOf("document-7"));
    }

    @Test
    void tokenWidthFollowsTheVocabulary() {
        assertThat(TokenizerIdentity.builtIn("a", 65_536, 0, 0).tokenWidth()).isEqualTo(2);
        assertThat(TokenizerIdentity.builtIn("a", 65_537, 0, 0).tokenWidth()).isEqualTo(4);
    }

    private static CorpusSettings settings(String tokenizer, Buckets buckets, int partitions) {
        return new CorpusSettings(
                "main",
                TokenizerIdentity.builtIn(tokenizer, 257, 256, 1),
                Layout.NEXT_TOKEN,
                buckets,
                LongDocuments.LONGEST_FIRST,
                100_000,
                3,
                partitions);
    }
}
