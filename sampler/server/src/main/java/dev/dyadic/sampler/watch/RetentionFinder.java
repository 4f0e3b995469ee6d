package dev.dyadic.sampler.watch;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.Topics;
import dev.dyadic.sampler.gather.RowNumbers;
import dev.dyadic.sampler.order.OrderContradictionException;
import dev.dyadic.sampler.order.PoolKey;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.segments.PoolRows;
import dev.dyadic.sampler.segments.SegmentStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;

/// Finds the places where Kafka's retention has taken, or is about to take, rows that runs still need.
final class RetentionFinder {
    /// Rows that are needed are warned of once they are older than this part of the retention time.
    private static final double WARN_PART = 0.75;

    private final SegmentStore store;
    private final Topics topics;
    private final InstantSource clock;

    RetentionFinder(SegmentStore store, Topics topics, InstantSource clock) {
        this.store = store;
        this.topics = topics;
        this.clock = clock;
    }

    /// @param beginnings first offset that Kafka has of each partition
    /// @param retention time in milliseconds by bucket; those without one are missing
    /// @param before what was found the last time: where this replica cannot look now, that stands
    /// @return a text for each run and partition that has something to warn of
    Map<String, String> find(
            Collection<RunOrder> orders,
            Map<TopicPartition, Long> beginnings,
            Map<Bucket, Long> retention,
            Map<String, String> before) {
        Map<String, String> found = new HashMap<>();
        for (RunOrder order : orders) {
            if (order.run().isKnown() && order.needsRows()) {
                look(order, beginnings, retention, before, found);
            }
        }
        return found;
    }

    private void look(
            RunOrder order,
            Map<TopicPartition, Long> beginnings,
            Map<Bucket, Long> retention,
            Map<String, String> before,
            Map<String, String> found) {
        for (PoolKey pool : order.pools()) {
            for (int partition = 0; partition < store.partitions(); partition++) {
                TopicPartition at = new TopicPartition(topics.sequences(pool.bucket()), partition);
                String key = order.run().name() + " " + at;
                try {
                    look(order, pool, at, beginnings.getOrDefault(at, 0L), retention, found);
                } catch (OrderContradictionException e) {
                    found.put(key, String.valueOf(e.getMessage()));
                } catch (DyadicException e) {
                    if (e.kind() != DyadicException.Kind.NOT_READY) {
                        throw e;
                    }
                    // This replica is still reading the partition, so nothing new is known of it.
                    String known = before.get(key);
                    if (known != null) {
                        found.putIfAbsent(key, known);
                    }
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
}
