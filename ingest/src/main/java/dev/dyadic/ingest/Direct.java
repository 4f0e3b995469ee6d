package dev.dyadic.ingest;

import dev.dyadic.ingest.job.InputState;
import dev.dyadic.ingest.job.Publisher;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/// Publishes at once, and keeps no record of how far an input was read.
final class Direct implements Publisher {
    private final DocumentSink sink;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    Direct(DocumentSink sink) {
        this.sink = sink;
    }

    @Override
    public void publish(List<ProducerRecord<byte[], byte[]>> records, InputState state, Runnable advance) {
        throwIfFailed();
        for (ProducerRecord<byte[], byte[]> record : records) {
            sink.send(record, cause -> {
                if (cause != null) {
                    failure.compareAndSet(null, cause);
                }
            });
        }
        advance.run();
    }

    @Override
    public void flush() {
        sink.flush();
        throwIfFailed();
    }

    @Override
    public void close() {
        sink.close();
    }

    private void throwIfFailed() {
        Exception cause = failure.get();
        if (cause != null) {
            throw new IngestException(
                    "Kafka did not take a document: " + cause.getMessage()
                            + ". Run the same command again: the decomposer drops the documents that it has.",
                    cause);
        }
    }
}
