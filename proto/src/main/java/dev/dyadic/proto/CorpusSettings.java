package dev.dyadic.proto;

import dev.dyadic.proto.avro.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What a corpus is: fixed when it is made, compared by every program at its start.
///
/// @param tokenizer its identity, not its code
/// @param holdoutPerMillion share of documents in the hold-out split
public record CorpusSettings(
        String corpus,
        TokenizerIdentity tokenizer,
        Layout layout,
        Buckets buckets,
        LongDocuments longDocuments,
        int holdoutPerMillion,
        long holdoutSalt,
        int partitions) {

    public CorpusSettings {
        if (holdoutPerMillion < 0 || holdoutPerMillion > 1_000_000) {
            throw new InvalidException(
                    "holdout.per-million must be between 0 and 1000000, but was " + holdoutPerMillion);
        }
        if (partitions < 1 || partitions > Limits.MAX_PARTITIONS) {
            throw new InvalidException(
                    "partitions must be between 1 and " + Limits.MAX_PARTITIONS + ", but was " + partitions);
        }
    }

    /// Which split a document belongs to: a salted hash of its id.
    public Split splitOf(String documentId) {
        long hash = Digests.xxh64(documentId, holdoutSalt);
        return Math.unsignedMultiplyHigh(hash, 1_000_000L) < holdoutPerMillion ? Split.HOLDOUT : Split.TRAIN;
    }

    /// Bytes of a row of this length.
    public int rowBytes(Bucket bucket) {
        return layout.rowTokens(bucket) * tokenizer.tokenWidth();
    }

    /// Where the other differs, one line each: what the corpus has, and what came.
    public List<String> differences(CorpusSettings other) {
        List<String> found = new ArrayList<>();
        compare(found, "corpus", corpus, other.corpus);
        compare(found, "tokenizer", tokenizer.name(), other.tokenizer.name());
        if (tokenizer.name().equals(other.tokenizer.name())) {
            compare(found, "tokenizer " + tokenizer.name(), tokenizer, other.tokenizer);
        }
        compare(found, "layout", layout.text(), other.layout.text());
        compare(found, "buckets", buckets, other.buckets);
        compare(found, "long-documents", longDocuments.text(), other.longDocuments.text());
        compare(found, "holdout-per-million", holdoutPerMillion, other.holdoutPerMillion);
        compare(found, "holdout-salt", holdoutSalt, other.holdoutSalt);
        compare(found, "partitions", partitions, other.partitions);
        return found;
    }

    public Identity toIdentity(Map<String, String> topicIds, long createdMillis) {
        return Identity.newBuilder()
                .setCorpus(corpus)
                .setTokenizer(tokenizer.name())
                .setVocabularySize(tokenizer.vocabularySize())
                .setEndOfText(tokenizer.endOfText())
                .setTokenWidth(tokenizer.tokenWidth())
                .setTokenizerFingerprint(tokenizer.fingerprint())
                .setLayout(layout.text())
                .setMinLog2(buckets.minLog2())
                .setMaxLog2(buckets.maxLog2())
                .setLongDocuments(longDocuments.text())
                .setHoldoutPerMillion(holdoutPerMillion)
                .setHoldoutSalt(holdoutSalt)
                .setPartitions(partitions)
                .setTopicIds(topicIds)
                .setCreatedMillis(createdMillis)
                .build();
    }

    public static CorpusSettings of(Identity identity) {
        return new CorpusSettings(
                identity.getCorpus(),
                new TokenizerIdentity(
                        identity.getTokenizer(),
                        identity.getVocabularySize(),
                        identity.getEndOfText(),
                        identity.getTokenizerFingerprint()),
                Layout.of(identity.getLayout()),
                new Buckets(identity.getMinLog2(), identity.getMaxLog2()),
                LongDocuments.of(identity.getLongDocuments()),
                identity.getHoldoutPerMillion(),
                identity.getHoldoutSalt(),
                identity.getPartitions());
    }

    private static void compare(List<String> found, String key, Object mine, Object theirs) {
        if (!mine.equals(theirs)) {
            found.add(key + ": the corpus has " + mine + ", but " + theirs + " was asked for");
        }
    }
}
