package dev.dyadic.ingest;

import dev.dyadic.ingest.job.InputState;
import dev.dyadic.ingest.job.Publisher;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/// Publishes nothing.
final class DryRun implements Publisher {
    @Override
    public void publish(@Nullable ProducerRecord<byte[], byte[]> record, InputState state, Runnable advance) {
        advance.run();
    }

    @Override
    public void flush() {
        // Nothing is on its way.
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
