package dev.dyadic.proto;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Topic names. All carry the prefix; those after `documents` also carry the corpus name.
public record Topics(String prefix, String corpus) {
    private static final String DOCUMENTS = "documents";
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1,64}");

    public Topics {
        checkName("prefix", prefix);
        checkName("corpus", corpus);
        if (corpus.equals(DOCUMENTS)) {
            throw new InvalidException("corpus must not be called " + DOCUMENTS + ": its rejects would be in the topic "
                    + documentRejects() + ", which ingest has");
        }
    }

    /// Whether this is a topic of the corpus. Those of the prefix are not.
    public boolean isOfCorpus(String topic) {
        return topic.equals(ledger())
                || topic.equals(rejects())
                || topic.equals(assets())
                || isOfSequences(topic)
                || topic.startsWith(decomposer() + "-");
    }

    /// Documents from ingest, of every corpus of this prefix.
    public String documents() {
        return prefix + "." + DOCUMENTS;
    }

    /// What ingest refused to accept. These never were documents.
    public String documentRejects() {
        return prefix + ".documents.rejects";
    }

    /// How far ingest jobs have read their inputs.
    public String ingestJobs() {
        return prefix + ".ingest.jobs";
    }

    /// Documents that the decomposer could not use.
    public String rejects() {
        return prefix + "." + corpus + ".rejects";
    }

    public String sequences(Bucket bucket) {
        return prefix + "." + corpus + ".sequences." + bucket.length();
    }

    /// Whether this is the topic of some length of the corpus.
    public boolean isOfSequences(String topic) {
        return topic.startsWith(prefix + "." + corpus + ".sequences.");
    }

    public List<String> sequences(Buckets buckets) {
        List<String> names = new ArrayList<>();
        for (Bucket bucket : buckets) {
            names.add(sequences(bucket));
        }
        return names;
    }

    public String ledger() {
        return prefix + "." + corpus + ".ledger";
    }

    /// Files that belong to the corpus, as that of its tokenizer.
    public String assets() {
        return prefix + "." + corpus + ".assets";
    }

    /// Application id of the decomposer; also its consumer group and the start of its internal topics.
    public String decomposer() {
        return prefix + "." + corpus + ".decomposer";
    }

    /// What the decomposer has decided: the changelog of its store, by the name that Kafka Streams gives it.
    public String seenChangelog() {
        return decomposer() + "-seen-changelog";
    }

    private static void checkName(String key, String value) {
        if (!NAME.matcher(value).matches()) {
            throw new InvalidException(key + " must be 1 to 64 letters, digits, '-' or '_', but was '" + value + "'");
        }
    }
}
