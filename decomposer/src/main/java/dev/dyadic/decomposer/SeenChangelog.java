package dev.dyadic.decomposer;

import dev.dyadic.proto.Digests;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.kafka.TopicPlan;
import dev.dyadic.proto.kafka.TopicSetup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.utils.Bytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The topic that the seen store is restored from. Without it every document would be decomposed a second time, so a
/// lost one is noticed: its topic id has to be the one that `init` wrote into the identity, or its first record has
/// to say that [SeenRebuild] made it for that corpus.
final class SeenChangelog {
    private static final Logger LOG = LoggerFactory.getLogger(SeenChangelog.class);
    /// The key of a rebuilt changelog's first record, on partition 0; its number stands for the corpus.
    static final Bytes REBUILT = Bytes.wrap(new byte[] {2});

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

    private SeenChangelog() {}

    /// Checks that the topic is the corpus's, and lets go of what was kept on disk of another one.
    ///
    /// @param stateDir where Kafka Streams keeps its copy
    static void require(Cluster cluster, Corpus corpus, Path stateDir) {
        requireThere(cluster, corpus).ifPresent(id -> forgetAnother(stateDir, corpus, id));
    }

    /// Checks that the topic is the corpus's.
    ///
    /// @return its id; empty: the corpus was made by a release that did not keep it
    static Optional<String> requireThere(Cluster cluster, Corpus corpus) {
        Optional<String> found = id(cluster, corpus);
        if (corpus.seenChangelogId().isEmpty()) {
            // Made by a release that left the topic to Kafka Streams.
            return Optional.empty();
        }
        if (found.isEmpty() || !isOfCorpus(cluster, corpus, found.get())) {
            throw new DecomposerException(
                    "topic " + corpus.topics().seenChangelog() + " "
                            + (found.isEmpty() ? "is gone" : "was deleted and made anew")
                            + ": it says which documents were decomposed, and without it all of them would be decomposed"
                            + " again. Rebuild it from the length and rejects topics, with all decomposers stopped:"
                            + " dyadic rebuild-seen --prefix "
                            + corpus.topics().prefix() + " --corpus "
                            + corpus.topics().corpus(),
                    null);
        }
        return found;
    }

    /// The topic's id, if it is there.
    static Optional<String> id(Cluster cluster, Corpus corpus) {
        String topic = corpus.topics().seenChangelog();
        try (Admin admin = cluster.admin()) {
            TopicDescription description = cluster.await(
                            admin.describeTopics(List.of(topic)).allTopicNames(), "looking at topic " + topic)
                    .values()
                    .iterator()
                    .next();
            // With the others, as it has to have as many replicas.
            new TopicSetup(cluster, admin).check(TopicPlan.of(corpus.topics(), corpus.settings()));
            return Optional.of(description.topicId().toString());
        } catch (ClusterException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    static boolean isOfCorpus(Cluster cluster, Corpus corpus, String id) {
        return corpus.seenChangelogId().filter(id::equals).isPresent() || isRebuilt(cluster, corpus);
    }

    /// The number that stands for the corpus: what it was made with, in eight bytes.
    static long markOf(Corpus corpus) {
        return Digests.xxh64(corpus.seenChangelogId().orElse(""), 0);
    }

    private static boolean isRebuilt(Cluster cluster, Corpus corpus) {
        TopicPartition first = new TopicPartition(corpus.topics().seenChangelog(), 0);
        try (Consumer<byte[], byte[]> consumer = cluster.consumer(Map.of())) {
            consumer.assign(List.of(first));
            consumer.seekToBeginning(List.of(first));
            long end = consumer.endOffsets(List.of(first)).getOrDefault(first, 0L);
            long deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
            while (consumer.position(first) < end && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    return REBUILT.equals(Bytes.wrap(record.key()))
                            && ByteBuffer.wrap(record.value()).getLong() == markOf(corpus);
                }
            }
            return false;
        } catch (KafkaException e) {
            throw new ClusterException("cannot read " + first + ": " + e.getMessage(), e);
        }
    }

    /// What lies on disk was read from a topic, up to an offset; of another topic, the offset would mean nothing.
    private static void forgetAnother(Path stateDir, Corpus corpus, String id) {
        Path copy = stateDir.resolve(corpus.topics().decomposer());
        Path note = stateDir.resolve(corpus.topics().decomposer() + ".changelog");
        try {
            Files.createDirectories(stateDir);
            String before = Files.exists(note)
                    ? Files.readString(note, StandardCharsets.US_ASCII)
                    : corpus.seenChangelogId().orElse(id);
            if (!before.equals(id) && Files.exists(copy)) {
                LOG.warn("the copy in {} is of another changelog, and is read anew", copy);
                delete(copy);
            }
            Files.writeString(note, id, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new DecomposerException("cannot use the directory " + stateDir + ": " + e.getMessage(), e);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
