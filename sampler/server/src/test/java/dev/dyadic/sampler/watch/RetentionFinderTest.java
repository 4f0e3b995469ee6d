package dev.dyadic.sampler.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.Bucket;
import dev.dyadic.sampler.TestCorpus;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.segments.SegmentStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionFinderTest {
    private static final Instant NOW = Instant.EPOCH.plus(Duration.ofDays(9));
    private static final Bucket BUCKET = TestCorpus.BUCKETS.min();

    private final TestCorpus corpus = new TestCorpus(11, 150);
    private final TopicPartition place = new TopicPartition(corpus.name(BUCKET), 0);
    private final String key = TestCorpus.RUN + " " + place;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void rowsThatKafkaNoLongerHasAreNamed() {
        try (SegmentStore store = corpus.fill(directory)) {
            Map<String, String> found = find(store, corpus.planned(store), Map.of(place, 1_000L), Map.of());

            assertThat(found).containsOnlyKeys(key);
            assertThat(found.get(key))
                    .startsWith(place + ": run run needs rows from offset ")
                    .contains("Kafka begins at 1000");
        }
    }

    @Test
    void rowsThatAreNearlyTooOldAreNamed() {
        Map<Bucket, Long> tenDays = Map.of(BUCKET, Duration.ofDays(10).toMillis());
        try (SegmentStore store = corpus.fill(directory)) {
            RunOrder order = corpus.planned(store);

            Map<String, String> found = finder(store).find(List.of(order), Map.of(), tenDays, Map.of());

            assertThat(found.get(key)).contains("which are close to the topic's retention of PT240H");
        }
    }

    @Test
    void nothingIsSaidWhereAllIsThere() {
        try (SegmentStore store = corpus.fill(directory)) {
            assertThat(find(store, corpus.planned(store), Map.of(), Map.of())).isEmpty();
        }
    }

    @Test
    void aReplicaThatIsStillReadingKeepsWhatWasKnownAndLooksElsewhere() {
        TopicPartition other = new TopicPartition(corpus.name(TestCorpus.BUCKETS.max()), 0);
        RunOrder order;
        try (SegmentStore full = corpus.fill(directory.resolve("full"))) {
            order = corpus.planned(full);
        }
        try (SegmentStore reading = corpus.fill(directory.resolve("reading"), List.of(TestCorpus.BUCKETS.max()))) {
            // It begins after what retention took, and has not come to where the ledger counts up to.
            reading.partition(BUCKET, 0).beginAt(2);

            Map<String, String> found = find(
                    reading, order, Map.of(other, 1_000L), Map.of(key, "known before", "gone " + place, "of no run"));

            assertThat(found).containsEntry(key, "known before").containsKey(TestCorpus.RUN + " " + other);
            assertThat(found).hasSize(2);
        }
    }

    private Map<String, String> find(
            SegmentStore store, RunOrder order, Map<TopicPartition, Long> beginnings, Map<String, String> before) {
        return finder(store).find(List.of(order), beginnings, Map.of(), before);
    }

    private RetentionFinder finder(SegmentStore store) {
        return new RetentionFinder(store, corpus.corpus.topics(), InstantSource.fixed(NOW));
    }
}
