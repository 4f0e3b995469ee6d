package dev.dyadic.sampler.gather;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.avro.Sequence;
import dev.dyadic.sampler.order.OrderContradictionException;
import dev.dyadic.sampler.segments.CutFileException;
import dev.dyadic.sampler.segments.DamagedRowException;
import dev.dyadic.sampler.segments.SegmentStore;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Mends damaged rows on this disk from Kafka, which has them still.
public final class RowRepair {
    private static final Logger LOG = LoggerFactory.getLogger(RowRepair.class);

    private final SegmentStore store;
    private final LengthRecords topics;

    public RowRepair(SegmentStore store, LengthRecords topics) {
        this.store = store;
        this.topics = topics;
    }

    /// Name of the topic of a length.
    String topic(Bucket bucket) {
        return topics.name(bucket);
    }

    /// @throws RuntimeException with topic, partition and offset, where Kafka no longer has the row, or has another one
    void mend(DamagedRowException damage) {
        LOG.warn("a row is damaged on this disk and read from Kafka again: {}", damage.getMessage());
        Bucket bucket = damage.pool().bucket();
        Map<Long, byte[]> found = topics.read(bucket, damage.partition(), List.of(damage.offset()));
        try {
            byte[] record = found.get(damage.offset());
            if (record == null) {
                throw lost(damage, "Kafka has no record at that offset");
            }
            Sequence sequence = Codecs.SEQUENCE.decode(record);
            if (!store.mend(damage, sequence)) {
                throw lost(damage, "Kafka has another row at that offset");
            }
        } catch (UnreadableRecordException e) {
            throw lost(damage, "the record at that offset is unreadable: " + e.getMessage());
        }
    }

    /// Reads rows. Where they contradict the ledger, and which side is wrong is not known, or a file of this disk
    /// cannot
    /// be read, their partition is not trusted any more.
    public <T> T reading(Supplier<T> read) {
        try {
            return read.get();
        } catch (OrderContradictionException e) {
            e.place().ifPresent(place -> distrust(place.bucket(), place.partition()));
            throw e;
        } catch (CutFileException e) {
            distrust(e.bucket(), e.partition());
            throw e;
        }
    }

    /// Has a partition read again at the next start, if Kafka still has all that is on this disk: else this may be the
    /// last copy, and stays.
    private void distrust(Bucket bucket, int partition) {
        try {
            if (topics.beginning(bucket, partition)
                    <= store.partition(bucket, partition).firstOffset()) {
                store.partition(bucket, partition).distrust();
            } else {
                LOG.warn(
                        "rows are in doubt, and Kafka no longer has them: they stay on this disk, topic={} partition={}",
                        topics.name(bucket),
                        partition);
            }
        } catch (DyadicException e) {
            LOG.warn(
                    "rows are in doubt, and Kafka does not answer, topic={} partition={}",
                    topics.name(bucket),
                    partition);
        }
    }

    private DyadicException lost(DamagedRowException damage, String why) {
        distrust(damage.pool().bucket(), damage.partition());
        return new DyadicException(
                DyadicException.Kind.DATA_LOSS,
                topics.name(damage.pool().bucket()) + " partition " + damage.partition() + " offset " + damage.offset()
                        + ": " + damage.getMessage() + ", and " + why
                        + "; start this sampler again: it then reads the partition anew, where Kafka has all of it");
    }
}
