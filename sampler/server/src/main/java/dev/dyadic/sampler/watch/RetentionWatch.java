package dev.dyadic.sampler.watch;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Uptime;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.ledger.LedgerLog;
import dev.dyadic.sampler.segments.SegmentStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Warns when Kafka's retention takes, or is about to take, rows that a run still needs. A run's floor is what its
/// cycles from the last commit on may deal; a commit raises it, and a run that is closed or done needs nothing.
public final class RetentionWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RetentionWatch.class);
    private static final long LOOK_MILLIS = 10_000;

    private final Cluster cluster;
    private final Corpus corpus;
    private final SegmentStore store;
    private final LedgerLog ledger;
    private final Admin admin;
    private final Periodic periodic;
    private final RetentionFinder finder;
    private final Map<String, Long> since = new HashMap<>();
    private Map<String, String> texts = Map.of();
    private volatile List<Notice> warnings = List.of();

    public RetentionWatch(Cluster cluster, Corpus corpus, SegmentStore store, LedgerLog ledger, InstantSource clock) {
        this.cluster = cluster;
        this.corpus = corpus;
        this.store = store;
        this.ledger = ledger;
        this.finder = new RetentionFinder(store, corpus.topics(), clock);
        this.admin = cluster.admin();
        this.periodic = new Periodic("dyadic-retention-watch", LOOK_MILLIS, this::watch);
    }

    public List<Notice> warnings() {
        return warnings;
    }

    @Override
    public void close() {
        periodic.close();
        admin.close();
    }

    private void watch() {
        try {
            warnings = look();
        } catch (ClusterException | KafkaException e) {
            LOG.debug("cannot look at retention", e);
        }
    }

    private List<Notice> look() {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (String topic : corpus.topics().sequences(store.buckets())) {
            for (int partition = 0; partition < store.partitions(); partition++) {
                asked.put(new TopicPartition(topic, partition), OffsetSpec.earliest());
            }
        }
        Map<TopicPartition, Long> beginnings = new HashMap<>();
        cluster.await(admin.listOffsets(asked).all(), "listing offsets")
                .forEach((partition, result) -> beginnings.put(partition, result.offset()));
        Map<Bucket, Long> retention = retentionMillis();
        Map<String, String> found = finder.find(ledger.state().runs(), beginnings, retention, texts);
        texts = found;
        since.keySet().retainAll(found.keySet());
        List<Notice> notices = new ArrayList<>();
        found.forEach((key, text) -> {
            if (since.putIfAbsent(key, Uptime.millis()) == null) {
                LOG.warn("{}", text);
            }
            notices.add(new Notice(text, since.getOrDefault(key, Uptime.millis())));
        });
        return List.copyOf(notices);
    }

    /// Retention times by bucket; those without one are missing.
    private Map<Bucket, Long> retentionMillis() {
        Map<ConfigResource, Bucket> resources = new HashMap<>();
        for (Bucket bucket : store.buckets()) {
            resources.put(
                    new ConfigResource(
                            ConfigResource.Type.TOPIC, corpus.topics().sequences(bucket)),
                    bucket);
        }
        Collection<ConfigResource> asked = resources.keySet();
        Map<ConfigResource, Config> configs =
                cluster.await(admin.describeConfigs(asked).all(), "reading topic settings");
        Map<Bucket, Long> retention = new HashMap<>();
        configs.forEach((resource, config) -> {
            long millis =
                    Long.parseLong(config.get(TopicConfig.RETENTION_MS_CONFIG).value());
            Bucket bucket = resources.get(resource);
            if (millis >= 0 && bucket != null) {
                retention.put(bucket, millis);
            }
        });
        return retention;
    }
}
