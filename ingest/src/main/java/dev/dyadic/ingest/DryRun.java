package dev.dyadic.ingest;

import dev.dyadic.ingest.job.InputState;
import dev.dyadic.ingest.job.Publisher;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Publishes nothing.
final class DryRun implements Publisher {
    @Override
    public void publish(List<ProducerRecord<byte[], byte[]>> records, InputState state, Runnable advance) {
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
