package dev.dyadic.proto.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;

/// Looks for documents between two offsets. The offsets alone do not tell: the end of a transaction takes one, and what
/// was given up with a transaction takes as many as it had records. Owned by one thread.
public final class DocumentGap implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final Consumer<byte[], byte[]> consumer;

    public DocumentGap(Cluster cluster) {
        // One batch is enough to know.
        this.consumer = cluster.consumer(
                Map.of(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1, ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1));
    }

    /// Whether a document that counts lies in [from, end); true also where nobody can tell.
    public boolean hasDocument(TopicPartition partition, long from, long end) {
        if (from >= end) {
            return false;
        }
        consumer.assign(List.of(partition));
        consumer.seek(partition, from);
        long deadline = System.nanoTime() + Cluster.ADMIN_TIMEOUT.toNanos();
        try {
            while (consumer.position(partition) < end && System.nanoTime() - deadline < 0) {
                ConsumerRecords<byte[], byte[]> found = consumer.poll(POLL);
                for (ConsumerRecord<byte[], byte[]> record : found) {
                    return record.offset() < end;
                }
            }
            return consumer.position(partition) < end;
        } catch (OffsetOutOfRangeException e) {
            return true;
        }
    }

    /// Also on a thread that was interrupted: it stays so.
    @Override
    public void close() {
        boolean wasInterrupted = Thread.interrupted();
        try {
            consumer.close();
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
