package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.decomposer.Decomposer;
import dev.dyadic.decomposer.DecomposerException;
import dev.dyadic.decomposer.DecomposerSettings;
import dev.dyadic.decomposer.SeenRebuild;
import dev.dyadic.deploy.AwaitDecomposed;
import dev.dyadic.deploy.broker.EmbeddedBroker;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.stats.CorpusStats;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the decomposer has decided is not forgotten in silence.
class SeenChangelogTest {
    private static final Topics TOPICS = new Topics("seen", "main");
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final List<Texts.Text> TEXTS = Texts.make("doc-", 300, 5);

    private static final int PART_BYTES = 256;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void aLostOneIsNoticedAndRebuilt() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("broker"), 0)) {
            Cluster cluster = Cluster.at(broker.bootstrap());
            Corpus corpus = init(cluster);
            assertThat(corpus.seenChangelogId()).isPresent();
            assertThat(corpus.topicIds()).doesNotContainKey(TOPICS.seenChangelog());
            decompose(cluster, corpus);
            long decomposed = stats(cluster, corpus).decomposed();
            assertThat(decomposed).isPositive();

            delete(cluster, TOPICS.seenChangelog());
            assertThatThrownBy(() -> start(cluster, corpus))
                    .isInstanceOf(DecomposerException.class)
                    .hasMessage("topic seen.main.decomposer-seen-changelog is gone: it says which documents were"
                            + " decomposed, and without it all of them would be decomposed again. Rebuild it from the"
                            + " length and rejects topics, with all decomposers stopped: dyadic rebuild-seen --prefix"
                            + " seen --corpus main");
            remake(cluster, TOPICS.seenChangelog());
            assertThatThrownBy(() -> start(cluster, corpus))
                    .isInstanceOf(DecomposerException.class)
                    .hasMessageContaining("was deleted and made anew");

            assertThatThrownBy(() -> SeenRebuild.run(
                            cluster,
                            corpus,
                            Optional.empty(),
                            found -> endAt(found, decomposed),
                            SeenChangelogTest::refuse))
                    .hasMessage("the program ends");
            assertThatThrownBy(() -> start(cluster, corpus))
                    .isInstanceOf(DecomposerException.class)
                    .hasMessageContaining("was deleted and made anew");
            assertThat(SeenRebuild.run(cluster, corpus, Optional.empty(), _ -> {}, SeenChangelogTest::refuse))
                    .hasValue(decomposed);
            assertThat(SeenRebuild.run(cluster, corpus, Optional.empty(), _ -> {}, SeenChangelogTest::refuse))
                    .isEmpty();
            // The same documents once more, through the store that was made anew: none is decomposed a second time.
            decompose(cluster, corpus);

            assertThat(stats(cluster, corpus).decomposed()).isEqualTo(decomposed);
            assertThat(stats(cluster, corpus).rejected()).isEqualTo(2L * TEXTS.size() - decomposed);

            delete(cluster, TOPICS.seenChangelog());
            List<String> warnings = new ArrayList<>();
            deleteRows(cluster, new TopicPartition(TOPICS.sequences(Bucket.of(5)), 1), 2);
            SeenRebuild.run(cluster, corpus, Optional.empty(), _ -> {}, warnings::add);
            assertThat(warnings)
                    .containsExactly(
                            "seen.main.sequences.32-1 begins at offset 2: documents whose only rows are gone are"
                                    + " not known, and would be decomposed again");
        }
    }

    @Test
    void wholesAreKnownByIdAndTextAfterItWasRebuiltToo() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("broker"), 0)) {
            Cluster cluster = Cluster.at(broker.bootstrap());
            Corpus corpus = init(cluster);
            byte[] texts = Texts.lines(TEXTS);
            byte[] longer = Texts.lines(TEXTS.stream()
                    .map(text -> new Texts.Text(text.id(), text.source(), "more " + text.text() + text.text()))
                    .toList());
            Texts.publish(cluster, TOPICS, texts, PART_BYTES);
            awaitDecomposed(cluster, corpus);
            long decomposed = stats(cluster, corpus).decomposed();
            long accepted = stats(cluster, corpus).accepted();
            assertThat(accepted).isGreaterThan(TEXTS.size());

            for (int round = 0; round < 2; round++) {
                // The same, other ones in parts, and other ones of which some are whole.
                Texts.publish(cluster, TOPICS, texts, PART_BYTES);
                Texts.publish(cluster, TOPICS, longer, PART_BYTES);
                Texts.publish(cluster, TOPICS, longer, 4 * PART_BYTES);
                awaitDecomposed(cluster, corpus);
                assertThat(stats(cluster, corpus).decomposed()).isEqualTo(decomposed);

                delete(cluster, TOPICS.seenChangelog());
                SeenRebuild.run(cluster, corpus, Optional.empty(), _ -> {}, SeenChangelogTest::refuse);
            }
        }
    }

    @Test
    void oneThatIsLostMeanwhileIsNoticedBeforeAnythingIsDecomposed() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("broker"), 0)) {
            Cluster cluster = Cluster.at(broker.bootstrap());
            Corpus corpus = init(cluster);
            decompose(cluster, corpus);
            CorpusStats.Documents before = stats(cluster, corpus);
            try (Decomposer decomposer = start(cluster, corpus);
                    Admin admin = cluster.admin()) {
                AwaitDecomposed.of(cluster, TOPICS, 2, TIMEOUT);
                delete(cluster, TOPICS.seenChangelog());
                remake(cluster, TOPICS.seenChangelog());
                // The member comes back, and takes its partitions up anew.
                admin.removeMembersFromConsumerGroup(TOPICS.decomposer(), new RemoveMembersFromConsumerGroupOptions())
                        .all()
                        .get();
                Texts.publish(cluster, TOPICS, TEXTS);

                assertThat(decomposer.ended())
                        .failsWithin(TIMEOUT)
                        .withThrowableThat()
                        .withMessageContaining("was deleted and made anew");
            }
            assertThat(stats(cluster, corpus).decomposed()).isEqualTo(before.decomposed());
        }
    }

    /// In the middle of the last partition.
    private static void endAt(long found, long last) {
        if (found == last) {
            throw new IllegalStateException("the program ends");
        }
    }

    private static Corpus init(Cluster cluster) {
        return Corpus.init(
                cluster,
                TOPICS,
                TestStack.settings("bytes", new Buckets(5, 8), 2),
                Optional.empty(),
                InstantSource.system());
    }

    private void decompose(Cluster cluster, Corpus corpus) {
        Texts.publish(cluster, TOPICS, TEXTS);
        awaitDecomposed(cluster, corpus);
    }

    private void awaitDecomposed(Cluster cluster, Corpus corpus) {
        try (Decomposer decomposer = start(cluster, corpus)) {
            AwaitDecomposed.of(cluster, TOPICS, 2, TIMEOUT);
            assertThat(decomposer.ended()).isNotDone();
        }
    }

    private Decomposer start(Cluster cluster, Corpus corpus) {
        DecomposerSettings settings = new DecomposerSettings(directory.resolve("decomposer"), 1, 100);
        return Decomposer.start(cluster, corpus, settings, new SimpleMeterRegistry());
    }

    private static CorpusStats.Documents stats(Cluster cluster, Corpus corpus) {
        try (KafkaHistory history = new KafkaHistory(cluster, corpus, KafkaHistory.Progress.NONE)) {
            return CorpusStats.of(history).documents();
        }
    }

    private static void delete(Cluster cluster, String topic) throws Exception {
        try (Admin admin = cluster.admin()) {
            admin.deleteTopics(List.of(topic)).all().get();
        }
    }

    private static void refuse(String warning) {
        throw new AssertionError(warning);
    }

    private static void deleteRows(Cluster cluster, TopicPartition partition, long before) throws Exception {
        try (Admin admin = cluster.admin()) {
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(before)))
                    .all()
                    .get();
        }
    }

    private static void remake(Cluster cluster, String topic) throws Exception {
        try (Admin admin = cluster.admin()) {
            admin.createTopics(List.of(new NewTopic(topic, Optional.of(2), Optional.empty())
                            .configs(Map.of("cleanup.policy", "compact"))))
                    .all()
                    .get();
        }
    }
}
