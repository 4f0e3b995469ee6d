package dev.dyadic.sampler.watch;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.gather.RowNumbers;
import dev.dyadic.sampler.ledger.LedgerLog;
import dev.dyadic.sampler.order.OrderContradictionException;
import dev.dyadic.sampler.order.PoolKey;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.segments.PoolRows;
import dev.dyadic.sampler.segments.SegmentStore;
import java.time.Duration;
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
    /// Of the retention time: older rows that are needed are warned of.
    private static final double WARN_PART = 0.75;

    private final Cluster cluster;
    private final Corpus corpus;
    private final SegmentStore store;
    private final LedgerLog ledger;
    private final InstantSource clock;
    private final Admin admin;
    private final Periodic periodic;
    private final Map<String, Long> since = new HashMap<>();
    private volatile List<Notice> warnings = List.of();

    public RetentionWatch(Cluster cluster, Corpus corpus, SegmentStore store, LedgerLog ledger, InstantSource clock) {
        this.cluster = cluster;
        this.corpus = corpus;
        this.store = store;
        this.ledger = ledger;
        this.clock = clock;
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
        Map<String, String> found = new HashMap<>();
        for (RunOrder order : ledger.state().runs()) {
            if (order.run().isKnown() && order.needsRows()) {
                look(order, beginnings, retention, found);
            }
        }
        since.keySet().retainAll(found.keySet());
        List<Notice> notices = new ArrayList<>();
        found.forEach((key, text) -> {
            if (since.putIfAbsent(key, clock.millis()) == null) {
                LOG.warn("{}", text);
            }
            notices.add(new Notice(text, since.getOrDefault(key, clock.millis())));
        });
        return List.copyOf(notices);
    }

    private void look(
            RunOrder order,
            Map<TopicPartition, Long> beginnings,
            Map<Bucket, Long> retention,
            Map<String, String> found) {
        for (PoolKey pool : order.pools()) {
            for (int partition = 0; partition < store.partitions(); partition++) {
                TopicPartition at = new TopicPartition(corpus.topics().sequences(pool.bucket()), partition);
                try {
                    look(order, pool, at, beginnings.getOrDefault(at, 0L), retention, found);
                } catch (OrderContradictionException e) {
                    found.put(order.run().name() + " " + at, String.valueOf(e.getMessage()));
                }
            }
        }
    }

    private void look(
            RunOrder order,
            PoolKey pool,
            TopicPartition at,
            long beginning,
            Map<Bucket, Long> retention,
            Map<String, String> found) {
        long row = order.neededFrom(pool, at.partition()) + RowNumbers.first(store, order, pool, at.partition());
        if (!store.has(pool, order.run().spec().split(), at.partition())) {
            return;
        }
        PoolRows rows = store.rows(pool, order.run().spec().split(), at.partition());
        if (row < 0) {
            found.putIfAbsent(
                    order.run().name() + " " + at,
                    at + ": run " + order.run().name() + " needs rows from before offset "
                            + store.partition(pool.bucket(), at.partition()).firstOffset()
                            + ", which retention had taken when this replica was filled; another may have them");
            return;
        }
        if (row >= rows.count()) {
            return;
        }
        long offset = rows.offset(row);
        if (offset < beginning) {
            found.putIfAbsent(
                    order.run().name() + " " + at,
                    at + ": run " + order.run().name() + " needs rows from offset " + offset
                            + " on, but Kafka begins at " + beginning
                            + ": this replica has them still, a new one cannot get them; keep this disk, raise the"
                            + " topic's retention");
            return;
        }
        long limit = retention.getOrDefault(pool.bucket(), Long.MAX_VALUE);
        long age = clock.millis() - rows.publishedMillis(row);
        if (limit != Long.MAX_VALUE && age > limit * WARN_PART) {
            found.putIfAbsent(
                    order.run().name() + " " + at,
                    at + ": run " + order.run().name() + " needs rows from offset " + offset
                            + " on, which are close to"
                            + " the topic's retention of " + Duration.ofMillis(limit)
                            + ": commit checkpoints, close the run if it is over, or raise "
                            + TopicConfig.RETENTION_MS_CONFIG);
        }
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
