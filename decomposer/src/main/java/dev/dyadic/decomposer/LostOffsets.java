package dev.dyadic.decomposer;

import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.LostDocuments;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.kafka.DecomposerProgress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Goes on after documents that retention took before they were decomposed. The range of offsets is written to the
/// rejects topic, and the decomposer's offset is moved behind it, in one transaction: so each range is named once,
/// whatever dies meanwhile. Only partitions are looked at that nobody reads: those of a thread that has died of it, or
/// all, where no decomposer runs. All members of a corpus use one transactional id, so only one does it at a time.
///
/// Kafka Streams must not do this by itself: what makes it go on after a gap makes it also start anew where its offsets
/// have expired, and everything would be decomposed twice.
final class LostOffsets {
    private static final Logger LOG = LoggerFactory.getLogger(LostOffsets.class);
    private static final int TRANSACTION_TIMEOUT_MILLIS = 60_000;

    private LostOffsets() {}

    /// At a start: where the group has members, their threads do it for the partitions that they have.
    ///
    /// @return the ranges that were passed over; empty where every document that is next is there
    static List<LostDocuments> passOver(Cluster cluster, Corpus corpus) {
        String group = corpus.topics().decomposer();
        try (Admin admin = cluster.admin()) {
            boolean hasMembers = cluster
                    .await(admin.describeConsumerGroups(List.of(group)).all(), "looking at group " + group)
                    .values()
                    .stream()
                    .anyMatch(description -> !description.members().isEmpty());
            if (hasMembers) {
                return List.of();
            }
        }
        return passOver(
                cluster,
                corpus,
                IntStream.range(0, corpus.settings().partitions())
                        .mapToObj(
                                partition -> new TopicPartition(corpus.topics().documents(), partition))
                        .collect(Collectors.toSet()));
    }

    /// @param partitions that nobody reads now
    static synchronized List<LostDocuments> passOver(Cluster cluster, Corpus corpus, Set<TopicPartition> partitions) {
        try (Admin admin = cluster.admin()) {
            if (find(cluster, corpus, admin, partitions).isEmpty()) {
                return List.of();
            }
            Map<String, Object> settings = Map.of(
                    ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                    corpus.topics().decomposer() + "-lost",
                    ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                    TRANSACTION_TIMEOUT_MILLIS);
            // It is no member of the group, and stands for none.
            Map<String, Object> group =
                    Map.of(ConsumerConfig.GROUP_ID_CONFIG, corpus.topics().decomposer());
            try (Producer<byte[], byte[]> producer = cluster.producer(settings);
                    Consumer<byte[], byte[]> consumer = cluster.consumer(group)) {
                // Ends what another member has begun; what it has committed is seen when they are looked for again.
                producer.initTransactions();
                List<LostDocuments> lost = find(cluster, corpus, admin, partitions);
                if (!lost.isEmpty()) {
                    write(producer, consumer.groupMetadata(), corpus, lost);
                }
                return lost;
            }
        } catch (KafkaException e) {
            throw new ClusterException(
                    "cannot go on after documents of " + corpus.topics().documents() + " that are gone: "
                            + e.getMessage(),
                    e);
        }
    }

    private static void write(
            Producer<byte[], byte[]> producer, ConsumerGroupMetadata group, Corpus corpus, List<LostDocuments> lost) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        producer.beginTransaction();
        for (LostDocuments range : lost) {
            var _ = producer.send(new ProducerRecord<>(
                    corpus.topics().rejects(), range.partition(), null, Codecs.REJECT.encode(range.toReject())));
            offsets.put(new TopicPartition(range.topic(), range.partition()), new OffsetAndMetadata(range.end()));
        }
        producer.sendOffsetsToTransaction(offsets, group);
        producer.commitTransaction();
        lost.forEach(range -> LOG.error("documents are lost: {}", range));
    }

    private static List<LostDocuments> find(Cluster cluster, Corpus corpus, Admin admin, Set<TopicPartition> looked) {
        int partitions = corpus.settings().partitions();
        String topic = corpus.topics().documents();
        DecomposerProgress progress = DecomposerProgress.read(cluster, admin, corpus.topics(), partitions);
        Map<TopicPartition, OffsetSpec> beginnings = new HashMap<>();
        looked.forEach(partition -> beginnings.put(partition, OffsetSpec.earliest()));
        List<LostDocuments> lost = new ArrayList<>();
        cluster.await(admin.listOffsets(beginnings).all(), "reading the offsets of " + topic)
                .forEach((partition, begin) -> {
                    long next = progress.offset(partition.partition());
                    if (begin.offset() > next) {
                        lost.add(new LostDocuments(topic, partition.partition(), next, begin.offset()));
                    }
                });
        return lost;
    }
}
