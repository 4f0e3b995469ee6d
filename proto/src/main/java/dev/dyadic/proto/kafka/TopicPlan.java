package dev.dyadic.proto.kafka;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Topics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One topic as it has to be.
///
/// @param exact settings that must have this value
/// @param atLeast settings that must be this large or larger
public record TopicPlan(String name, int partitions, Map<String, String> exact, Map<String, Long> atLeast) {
    private static final String MAX_MESSAGE_BYTES = "max.message.bytes";
    private static final String IN_SYNC = "min.insync.replicas";
    /// With so many replicas, one may be down or lost and what is acknowledged stays.
    private static final int SAFE_REPLICAS = 3;

    private static final int SAFE_IN_SYNC = 2;
    /// What every topic must have: a replica that lacks what was acknowledged never leads.
    private static final Map<String, String> ALWAYS = Map.of("unclean.leader.election.enable", "false");

    public TopicPlan {
        exact = Map.copyOf(exact);
        atLeast = Map.copyOf(atLeast);
    }

    /// Every topic of a corpus. Nothing in them is ever deleted by default: the log is the only copy.
    public static List<TopicPlan> of(Topics topics, CorpusSettings settings) {
        int partitions = settings.partitions();
        List<TopicPlan> plans = new ArrayList<>();
        plans.add(new TopicPlan(
                topics.documents(),
                partitions,
                // What one fetch brings is bounded by its bytes, and so is the work of a transaction.
                Map.of(
                        "cleanup.policy",
                        "delete",
                        "message.timestamp.type",
                        "LogAppendTime",
                        "compression.type",
                        "uncompressed"),
                Map.of(MAX_MESSAGE_BYTES, (long) Limits.MAX_DOCUMENT_RECORD_BYTES)));
        plans.add(new TopicPlan(
                topics.documentRejects(), 1, Map.of("cleanup.policy", "delete"), Map.of(MAX_MESSAGE_BYTES, (long)
                        Limits.MAX_REJECT_RECORD_BYTES)));
        plans.add(new TopicPlan(
                topics.rejects(), partitions, Map.of("cleanup.policy", "delete"), Map.of(MAX_MESSAGE_BYTES, (long)
                        Limits.MAX_REJECT_RECORD_BYTES)));
        for (Bucket bucket : settings.buckets()) {
            long largest = settings.rowBytes(bucket) + (long) Limits.MAX_SEQUENCE_OVERHEAD_BYTES;
            plans.add(new TopicPlan(
                    topics.sequences(bucket),
                    partitions,
                    Map.of("cleanup.policy", "delete", "message.timestamp.type", "CreateTime"),
                    Map.of(MAX_MESSAGE_BYTES, Math.max(largest, 1 << 20))));
        }
        plans.add(new TopicPlan(
                topics.ledger(),
                1,
                Map.of("cleanup.policy", "delete", "retention.ms", "-1", "retention.bytes", "-1"),
                Map.of(MAX_MESSAGE_BYTES, (long) Limits.MAX_LEDGER_RECORD_BYTES)));
        plans.add(ofSeenChangelog(topics, settings.partitions()));
        if (settings.tokenizer().file().isPresent()) {
            plans.add(new TopicPlan(
                    topics.assets(),
                    1,
                    Map.of("cleanup.policy", "delete", "retention.ms", "-1", "retention.bytes", "-1"),
                    Map.of(MAX_MESSAGE_BYTES, 1L << 20)));
        }
        return List.copyOf(plans);
    }

    /// The changelog of what the decomposer has decided: the last record of each key stays for ever.
    public static TopicPlan ofSeenChangelog(Topics topics, int partitions) {
        return new TopicPlan(topics.seenChangelog(), partitions, Map.of("cleanup.policy", "compact"), Map.of());
    }

    /// How far ingest jobs have come: the last record of each input stays for ever.
    public static TopicPlan ofIngestJobs(Topics topics) {
        return new TopicPlan(topics.ingestJobs(), 1, Map.of("cleanup.policy", "compact"), Map.of());
    }

    /// The settings to create the topic with: what it must have, and no retention limit.
    ///
    /// @param replicas that it will have
    public Map<String, String> creationSettings(int replicas) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("retention.ms", "-1");
        settings.put("retention.bytes", "-1");
        settings.putAll(ALWAYS);
        settings.putAll(exact);
        if (replicas >= SAFE_REPLICAS) {
            settings.put(IN_SYNC, Integer.toString(SAFE_IN_SYNC));
        }
        atLeast.forEach((key, value) -> settings.put(key, Long.toString(value)));
        return settings;
    }

    /// What is wrong with a topic that exists, one line each, with the fix.
    ///
    /// @param replicas the fewest of any partition
    public List<String> problems(int partitionsFound, int replicas, Map<String, String> found) {
        List<String> problems = new ArrayList<>();
        if (partitionsFound != partitions) {
            problems.add("topic " + name + ": expected " + partitions + " partitions, but it has " + partitionsFound
                    + "; partition counts never change: use another --prefix or --corpus, or --partitions "
                    + partitionsFound);
        }
        exact.forEach((key, value) -> checkExact(key, value, found, problems));
        ALWAYS.forEach((key, value) -> checkExact(key, value, found, problems));
        atLeast.forEach((key, value) -> checkAtLeast(key, value, found, problems));
        if (replicas >= SAFE_REPLICAS) {
            checkAtLeast(IN_SYNC, SAFE_IN_SYNC, found, problems);
        }
        return problems;
    }

    private void checkExact(String key, String value, Map<String, String> found, List<String> problems) {
        String actual = found.getOrDefault(key, "");
        if (!actual.equals(value)) {
            problems.add(wrong(key, value, actual));
        }
    }

    private void checkAtLeast(String key, long value, Map<String, String> found, List<String> problems) {
        String actual = found.getOrDefault(key, "0");
        if (Long.parseLong(actual) < value) {
            problems.add(wrong(key, Long.toString(value), actual));
        }
    }

    private String wrong(String key, String value, String actual) {
        return "topic " + name + ": expected " + key + "=" + value + ", but it is '" + actual
                + "'; fix: kafka-configs.sh --alter --entity-type topics --entity-name " + name + " --add-config " + key
                + "=" + value;
    }
}
