package dev.dyadic.ingest.job;

import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/// Takes what is read to where it belongs. Used by one thread. One that keeps no record of how far inputs were read
/// finds nothing.
public interface Publisher extends AutoCloseable {
    /// How far an input was read before; null where it was not, or was another one then.
    default @Nullable InputState found(String input, long sizeBytes, long beginDigest) {
        return null;
    }

    /// Whether an input of this name was read before, changed or not.
    default boolean wasFound(String input) {
        return false;
    }

    /// Publishes what came of an entry, and lets the input's state count it, as one.
    ///
    /// @param records none: nothing but the state changes
    /// @throws dev.dyadic.ingest.IngestException where Kafka does not take it, or one before
    void publish(List<ProducerRecord<byte[], byte[]>> records, InputState state, Runnable advance);

    /// Waits until everything that was published is taken for good.
    void flush();

    @Override
    void close();
}
