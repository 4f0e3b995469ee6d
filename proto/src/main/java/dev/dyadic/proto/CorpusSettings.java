package dev.dyadic.proto;

import dev.dyadic.proto.avro.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

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

    private static final int NO_TOKEN = -1;

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

    /// Which split a document belongs to, and all parts of one: a salted hash of its id.
    ///
    /// @param wholeId see [Wholes]
    public Split splitOf(String wholeId) {
        long hash = Digests.xxh64(wholeId, holdoutSalt);
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
        compareTokenizers(found, tokenizer, other.tokenizer);
        compare(found, "layout", layout.text(), other.layout.text());
        compare(found, "lengths", buckets, other.buckets);
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
                .setBeginOfText(tokenizer.beginOfText().orElse(NO_TOKEN))
                .setTokenizerFile(tokenizer.file().orElse(""))
                .setUnicode(tokenizer.unicode())
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
                tokenizerOf(identity),
                Layout.of(identity.getLayout()),
                new Buckets(identity.getMinLog2(), identity.getMaxLog2()),
                LongDocuments.of(identity.getLongDocuments()),
                identity.getHoldoutPerMillion(),
                identity.getHoldoutSalt(),
                identity.getPartitions());
    }

    /// The version of Unicode counts for the decomposer only, which looks at it by itself.
    private static void compareTokenizers(List<String> found, TokenizerIdentity mine, TokenizerIdentity theirs) {
        int before = found.size();
        String name = mine.name();
        boolean isSameFile = mine.file().isPresent() && mine.file().equals(theirs.file());
        if (!isSameFile) {
            // What a file is called is a label.
            compare(found, "tokenizer", name, theirs.name());
        }
        if (found.size() > before) {
            return;
        }
        compare(found, "file of tokenizer " + name, shown(mine.file()), shown(theirs.file()));
        if (found.size() > before) {
            return;
        }
        compare(found, "end-of-text of tokenizer " + name, mine.endOfText(), theirs.endOfText());
        compare(found, "begin-of-text of tokenizer " + name, shown(mine.beginOfText()), shown(theirs.beginOfText()));
        if (found.size() == before) {
            compare(found, "vocabulary of tokenizer " + name, mine.vocabularySize(), theirs.vocabularySize());
            compare(found, "fingerprint of tokenizer " + name, mine.fingerprint(), theirs.fingerprint());
        }
    }

    private static String shown(Optional<String> file) {
        return file.map(sha256 -> "SHA-256 " + sha256).orElse("none");
    }

    private static String shown(OptionalInt token) {
        return token.isPresent() ? Integer.toString(token.getAsInt()) : "none";
    }

    private static TokenizerIdentity tokenizerOf(Identity identity) {
        int begin = identity.getBeginOfText();
        String file = identity.getTokenizerFile();
        return new TokenizerIdentity(
                identity.getTokenizer(),
                identity.getVocabularySize(),
                identity.getEndOfText(),
                begin == NO_TOKEN ? OptionalInt.empty() : OptionalInt.of(begin),
                identity.getTokenizerFingerprint(),
                file.isEmpty() ? Optional.empty() : Optional.of(file),
                identity.getUnicode());
    }

    private static void compare(List<String> found, String key, Object mine, Object theirs) {
        if (!mine.equals(theirs)) {
            found.add(key + ": the corpus has " + mine + ", but " + theirs + " was asked for");
        }
    }
}
