package dev.dyadic.decomposer;

import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.LostDocuments;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.Wholes;
import dev.dyadic.proto.avro.Reject;
import dev.dyadic.proto.avro.Sequence;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.kafka.TopicPlan;
import dev.dyadic.proto.kafka.TopicSetup;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;

/// Makes the changelog of the seen store anew, from what the decomposer wrote: every id that was decomposed stands in a
/// sequence, and every other document's offset in a reject.
public final class SeenRebuild {
    private static final Duration POLL = Duration.ofMillis(200);
    /// The most that a broker allows by default.
    public static final int TRANSACTION_TIMEOUT_MILLIS = 900_000;

    private final Cluster cluster;
    private final Corpus corpus;
    private final Topics topics;
    private final LongConsumer progress;
    private final java.util.function.Consumer<String> warnings;
    private long documents;

    private SeenRebuild(
            Cluster cluster, Corpus corpus, LongConsumer progress, java.util.function.Consumer<String> warnings) {
        this.cluster = cluster;
        this.corpus = corpus;
        this.topics = corpus.topics();
        this.progress = progress;
        this.warnings = warnings;
    }

    /// @param progress told how many ids were found so far
    /// @param warnings told where rows are gone that would have been needed
    /// @return number of ids that were decomposed; empty: the changelog is there, and nothing was done
    public static Optional<Long> run(
            Cluster cluster,
            Corpus corpus,
            Optional<Short> replication,
            LongConsumer progress,
            java.util.function.Consumer<String> warnings) {
        Optional<String> id = SeenChangelog.id(cluster, corpus);
        if (id.isPresent()
                && (corpus.seenChangelogId().isEmpty() || SeenChangelog.isOfCorpus(cluster, corpus, id.get()))) {
            return Optional.empty();
        }
        SeenRebuild rebuild = new SeenRebuild(cluster, corpus, progress, warnings);
        rebuild.makeTopic(id.isPresent(), replication);
        rebuild.write();
        return Optional.of(rebuild.documents);
    }

    private void makeTopic(boolean isThere, Optional<Short> replication) {
        try (Admin admin = cluster.admin()) {
            String group = topics.decomposer();
            ConsumerGroupDescription description = cluster.await(
                            admin.describeConsumerGroups(List.of(group)).all(), "looking at group " + group)
                    .values()
                    .iterator()
                    .next();
            if (!description.members().isEmpty()) {
                throw new ClusterException("group " + group + " has "
                        + description.members().size() + " members: stop all decomposers of the corpus first");
            }
            if (isThere) {
                cluster.await(
                        admin.deleteTopics(List.of(topics.seenChangelog())).all(), "deleting the changelog");
                awaitGone();
            }
            TopicSetup setup = new TopicSetup(cluster, admin);
            setup.create(
                    List.of(TopicPlan.ofSeenChangelog(topics, corpus.settings().partitions())),
                    replication.or(() -> setup.replication(topics.ledger())));
        }
    }

    private void awaitGone() {
        long deadline = System.nanoTime() + Cluster.ADMIN_TIMEOUT.toNanos();
        while (SeenChangelog.id(cluster, corpus).isPresent()) {
            if (System.nanoTime() - deadline > 0) {
                throw new ClusterException(
                        "topic " + topics.seenChangelog() + " was deleted, and is still there; try again");
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    /// Each partition in one transaction, the first one last: its first record says that all of them are whole, and
    /// where the program ends before, nobody takes the topic for rebuilt.
    private void write() {
        Map<String, Object> settings = Map.of(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                topics.seenChangelog() + ".rebuild",
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                TRANSACTION_TIMEOUT_MILLIS);
        try (Producer<byte[], byte[]> producer = cluster.producer(settings)) {
            producer.initTransactions();
            for (int partition = corpus.settings().partitions() - 1; partition >= 0; partition--) {
                producer.beginTransaction();
                if (partition == 0) {
                    put(producer, partition, SeenChangelog.REBUILT, SeenChangelog.markOf(corpus));
                }
                writePartition(producer, partition);
                producer.commitTransaction();
            }
        } catch (KafkaException e) {
            throw new ClusterException("cannot write to " + topics.seenChangelog() + ": " + e.getMessage(), e);
        }
    }

    private void writePartition(Producer<byte[], byte[]> producer, int partition) {
        Map<String, Long> sources = new LinkedHashMap<>();
        Map<String, Long> wholes = new LinkedHashMap<>();
        long[] lastRejected = {-1};
        List<String> lengths =
                new ArrayList<>(topics.sequences(corpus.settings().buckets()));
        boolean isWhole = warnOfLoss(lengths, partition);
        for (String topic : lengths) {
            read(topic, partition, value -> {
                Sequence sequence = Codecs.SEQUENCE.decode(value);
                sources.putIfAbsent(sequence.getSource(), (long) sources.size());
                // Where rows are gone, another one may know what the first one said.
                if (sequence.getPiece() == 0 || !isWhole) {
                    put(producer, partition, SeenStore.idKey(sequence.getDocumentId()), sequence.getDocumentOffset());
                }
                String whole = sequence.getWholeId();
                if (whole != null) {
                    long offset = sequence.getDocumentOffset();
                    wholes.merge(whole, offset, Math::min);
                    wholes.merge(Wholes.versionOf(whole, sequence.getWholeDigest()), offset, Math::min);
                }
                if (sequence.getPiece() == 0) {
                    documents++;
                    progress.accept(documents);
                }
            });
        }
        read(topics.rejects(), partition, value -> {
            Reject reject = Codecs.REJECT.decode(value);
            if (LostDocuments.of(partition, reject).isEmpty()) {
                lastRejected[0] = Math.max(lastRejected[0], reject.getPosition());
            }
        });
        wholes.forEach((id, offset) -> put(producer, partition, SeenStore.idKey(id), offset));
        sources.forEach((source, place) -> put(producer, partition, SeenStore.sourceKey(source), place));
        put(producer, partition, SeenStore.SOURCE_COUNT, sources.size());
        if (lastRejected[0] >= 0) {
            put(producer, partition, SeenStore.LAST_REJECTED, lastRejected[0]);
        }
    }

    /// @return whether every row that was written is still there
    private boolean warnOfLoss(List<String> lengths, int partition) {
        List<TopicPartition> partitions = lengths.stream()
                .map(topic -> new TopicPartition(topic, partition))
                .toList();
        try (Consumer<byte[], byte[]> consumer = cluster.consumer(new HashMap<>())) {
            boolean isWhole = true;
            for (Map.Entry<TopicPartition, Long> begin :
                    consumer.beginningOffsets(partitions).entrySet()) {
                if (begin.getValue() > 0) {
                    isWhole = false;
                    warnings.accept(begin.getKey() + " begins at offset " + begin.getValue()
                            + ": documents whose only rows are gone are not known, and would be decomposed again");
                }
            }
            return isWhole;
        }
    }

    private void put(Producer<byte[], byte[]> producer, int partition, Bytes key, long number) {
        byte[] value = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
        // The commit fails where this does.
        Future<RecordMetadata> _ =
                producer.send(new ProducerRecord<>(topics.seenChangelog(), partition, key.get(), value));
    }

    @FunctionalInterface
    private interface Values {
        void take(ByteBuffer value) throws UnreadableRecordException;
    }

    private void read(String topic, int partition, Values values) {
        TopicPartition from = new TopicPartition(topic, partition);
        try (Consumer<byte[], byte[]> consumer = cluster.consumer(new HashMap<>())) {
            consumer.assign(List.of(from));
            consumer.seekToBeginning(List.of(from));
            long end = consumer.endOffsets(List.of(from)).getOrDefault(from, 0L);
            while (consumer.position(from) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    values.take(ByteBuffer.wrap(record.value()));
                }
            }
        } catch (UnreadableRecordException e) {
            throw new ClusterException("topic " + topic + " has a record that cannot be read: " + e.getMessage(), e);
        }
    }
}
