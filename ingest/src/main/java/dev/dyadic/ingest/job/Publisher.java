package dev.dyadic.ingest.job;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/// Takes what is read to where it belongs. Used by one thread.
public interface Publisher extends AutoCloseable {
    /// How far an input was read before; null where it was not, or was another one then.
    @Nullable
    InputState found(String input, long sizeBytes, long beginDigest);

    /// Whether an input of this name was read before, changed or not.
    boolean wasFound(String input);

    /// Publishes a record, and lets the input's state count it, as one.
    ///
    /// @param record null: nothing but the state changes
    /// @throws dev.dyadic.ingest.IngestException where Kafka does not take it, or one before
    void publish(@Nullable ProducerRecord<byte[], byte[]> record, InputState state, Runnable advance);

    /// Waits until everything that was published is taken for good.
    void flush();

    @Override
    void close();
}
