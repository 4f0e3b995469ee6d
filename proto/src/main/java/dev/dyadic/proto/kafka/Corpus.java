package dev.dyadic.proto.kafka;

import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.GivenFile;
import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.avro.Identity;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// A corpus on a cluster: its identity record, and topics that were checked against it.
///
/// @param topicIds topic name to Kafka topic id; without the decomposer's changelog, which only the decomposer needs
/// @param seenChangelogId the id that the decomposer's changelog was made with; empty: by a release that did not keep
/// it
public record Corpus(
        Topics topics, CorpusSettings settings, Map<String, String> topicIds, Optional<String> seenChangelogId) {
    private static final Duration POLL = Duration.ofMillis(200);

    public Corpus {
        topicIds = Map.copyOf(topicIds);
    }

    /// Makes the corpus if it is not there, and opens it. An existing corpus with other settings is refused.
    ///
    /// @param replication of topics that are created; empty: the cluster's default
    public static Corpus init(
            Cluster cluster, Topics topics, CorpusSettings settings, Optional<Short> replication, InstantSource clock) {
        return init(cluster, topics, settings, Optional.empty(), replication, clock);
    }

    /// Makes the corpus if it is not there, and opens it.
    ///
    /// @param file what the settings' tokenizer was read from
    public static Corpus init(
            Cluster cluster,
            Topics topics,
            CorpusSettings settings,
            Optional<GivenFile> file,
            Optional<Short> replication,
            InstantSource clock) {
        try (Admin admin = cluster.admin()) {
            TopicSetup setup = new TopicSetup(cluster, admin);
            List<TopicPlan> ledgerPlan = TopicPlan.of(topics, settings).stream()
                    .filter(plan -> plan.name().equals(topics.ledger()))
                    .toList();
            setup.create(ledgerPlan, replication);
            Optional<Identity> existing = readIdentity(cluster, topics);
            if (existing.isEmpty()) {
                requireNoLeftovers(cluster, admin, topics);
                List<TopicPlan> plans = TopicPlan.of(topics, settings);
                setup.create(plans, replication);
                Identity identity = settings.toIdentity(setup.check(plans), clock.millis());
                setDecomposerStart(cluster, admin, topics, settings.partitions());
                file.ifPresent(given -> Assets.write(cluster, topics, given.asset()));
                write(cluster, topics, identity);
            }
        }
        return open(cluster, topics, Optional.of(settings), file);
    }

    /// What the corpus of this name was made with; empty where there is none.
    public static Optional<CorpusSettings> settings(Cluster cluster, Topics topics) {
        try (Admin admin = cluster.admin()) {
            return hasLedger(cluster, admin, topics)
                    ? readIdentity(cluster, topics).map(CorpusSettings::of)
                    : Optional.empty();
        }
    }

    /// Opens an existing corpus and checks its topics.
    ///
    /// @param expected settings to hold against the identity record; a difference is refused
    public static Corpus open(Cluster cluster, Topics topics, Optional<CorpusSettings> expected) {
        return open(cluster, topics, expected, Optional.empty());
    }

    private static Corpus open(
            Cluster cluster, Topics topics, Optional<CorpusSettings> expected, Optional<GivenFile> file) {
        try (Admin admin = cluster.admin()) {
            requireLedger(cluster, admin, topics);
            Identity identity = readIdentity(cluster, topics)
                    .orElseThrow(() -> new ClusterException("corpus " + topics.corpus()
                            + " has no identity record in topic " + topics.ledger() + "; fix: dyadic init"));
            CorpusSettings settings = CorpusSettings.of(identity);
            List<String> differences = new ArrayList<>();
            expected.ifPresent(wanted -> differences.addAll(settings.differences(wanted)));
            if (!differences.isEmpty()) {
                file.ifPresent(given ->
                        whereItDiffers(cluster, topics, settings, given).ifPresent(differences::add));
                throw new ClusterException("corpus " + topics.corpus() + " is another one: "
                        + String.join("; ", differences) + ". Use what the corpus has, or another --corpus.");
            }
            Map<String, String> made = new HashMap<>(identity.getTopicIds());
            Optional<String> seenChangelogId = Optional.ofNullable(made.remove(topics.seenChangelog()));
            List<TopicPlan> plans = TopicPlan.of(topics, settings).stream()
                    .filter(plan -> !plan.name().equals(topics.seenChangelog()))
                    .toList();
            Map<String, String> ids = new TopicSetup(cluster, admin).check(plans);
            made.forEach((name, id) -> {
                if (!id.equals(ids.get(name))) {
                    throw new ClusterException(
                            "topic " + name + " was deleted and made anew: the corpus was made with id " + id
                                    + ", but the topic has " + ids.get(name) + ". Use another --corpus.");
                }
            });
            return new Corpus(topics, settings, ids, seenChangelogId);
        }
    }

    private static Optional<String> whereItDiffers(
            Cluster cluster, Topics topics, CorpusSettings settings, GivenFile given) {
        return settings.tokenizer()
                .file()
                .filter(sha256 -> !sha256.equals(given.asset().sha256()))
                .map(sha256 -> given.differenceFrom(Assets.read(cluster, topics, sha256)));
    }

    /// The decomposer's memory of another corpus of this name would make it take every document for one that it has
    /// seen. An empty one is left of an `init` that was interrupted.
    private static void requireNoLeftovers(Cluster cluster, Admin admin, Topics topics) {
        Set<String> existing = cluster.await(admin.listTopics().names(), "listing topics");
        try (Consumer<byte[], byte[]> consumer = cluster.consumer(Map.of())) {
            Optional<String> sequences = existing.stream()
                    .filter(topics::isOfSequences)
                    .sorted()
                    .filter(topic -> hasRecords(consumer, topic))
                    .findFirst();
            if (sequences.isPresent()) {
                throw new ClusterException(LedgerTopic.lost(topics.ledger(), "topic " + sequences.get()));
            }
            String changelog = topics.seenChangelog();
            if (existing.contains(changelog) && hasRecords(consumer, changelog)) {
                throw new ClusterException("topic " + changelog + " is left of a deleted corpus " + topics.corpus()
                        + ": delete it, and the decomposer's data directory, or use another --corpus");
            }
        } catch (KafkaException e) {
            throw new ClusterException(
                    "cannot read the topics of corpus " + topics.corpus() + ": " + e.getMessage(), e);
        }
    }

    private static boolean hasRecords(Consumer<byte[], byte[]> consumer, String topic) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        return consumer.endOffsets(partitions).values().stream().anyMatch(end -> end > 0);
    }

    /// Commits the beginning of the documents topic for the decomposer, which then never falls back to any other
    /// offset: it would decompose everything twice.
    private static void setDecomposerStart(Cluster cluster, Admin admin, Topics topics, int partitions) {
        Map<TopicPartition, OffsetSpec> beginnings = new HashMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            beginnings.put(new TopicPartition(topics.documents(), partition), OffsetSpec.earliest());
        }
        Map<TopicPartition, OffsetAndMetadata> start = new HashMap<>();
        cluster.await(admin.listOffsets(beginnings).all(), "reading the offsets of " + topics.documents())
                .forEach((partition, result) -> start.put(partition, new OffsetAndMetadata(result.offset())));
        cluster.await(
                admin.alterConsumerGroupOffsets(topics.decomposer(), start).all(),
                "setting the start of " + topics.decomposer());
    }

    private static void requireLedger(Cluster cluster, Admin admin, Topics topics) {
        if (!hasLedger(cluster, admin, topics)) {
            throw new ClusterException("there is no corpus " + topics.corpus() + " with prefix " + topics.prefix()
                    + " at " + cluster.bootstrap() + "; make it with: dyadic init --prefix " + topics.prefix()
                    + " --corpus " + topics.corpus());
        }
    }

    private static boolean hasLedger(Cluster cluster, Admin admin, Topics topics) {
        return cluster.await(admin.listTopics().names(), "listing topics").contains(topics.ledger());
    }

    private static void write(Cluster cluster, Topics topics, Identity identity) {
        try (Producer<byte[], byte[]> producer = cluster.producer(Map.of())) {
            producer.send(new ProducerRecord<>(topics.ledger(), 0, null, LedgerCodec.encode(identity)))
                    .get();
        } catch (ExecutionException | KafkaException e) {
            throw new ClusterException("cannot write to " + topics.ledger() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("interrupted while writing to " + topics.ledger(), e);
        }
    }

    /// The first identity record of the ledger.
    private static Optional<Identity> readIdentity(Cluster cluster, Topics topics) {
        TopicPartition ledger = new TopicPartition(topics.ledger(), 0);
        try (Consumer<byte[], byte[]> consumer = cluster.consumer(Map.of())) {
            consumer.assign(List.of(ledger));
            LedgerTopic.Extent extent = LedgerTopic.Extent.of(consumer, ledger);
            if (extent.isBeheaded()) {
                throw new ClusterException(LedgerTopic.beheaded(topics.ledger(), extent.beginning()));
            }
            consumer.seek(ledger, 0);
            while (consumer.position(ledger) < extent.end()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (LedgerCodec.decode(record.value()) instanceof Identity identity) {
                        return Optional.of(identity);
                    }
                }
            }
            return Optional.empty();
        } catch (UnreadableRecordException e) {
            throw new ClusterException("topic " + topics.ledger() + " is no ledger: " + e.getMessage(), e);
        } catch (KafkaException e) {
            throw new ClusterException("cannot read " + topics.ledger() + ": " + e.getMessage(), e);
        }
    }
}
