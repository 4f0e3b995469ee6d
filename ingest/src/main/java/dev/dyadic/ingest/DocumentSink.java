package dev.dyadic.ingest;

import dev.dyadic.ingest.document.Parsed;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.kafka.Cluster;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/// Puts documents, and what is none, on Kafka. The producer's own buffer is the only queue: whoever sends waits while
/// it is full. Safe for use by many threads.
final class DocumentSink implements AutoCloseable {
    private static final long MAX_IN_FLIGHT_BYTES = 64L << 20;
    private static final long MIN_IN_FLIGHT_BYTES = 8L << 20;
    private static final long IN_FLIGHT_HEAP_PART = 8;
    private static final int BATCH_BYTES = 256 << 10;
    private static final int LINGER_MILLIS = 5;

    private final DocumentRecords records;
    private final Producer<byte[], byte[]> producer;
    private final KafkaClientMetrics metrics;
    private final MeterRegistry registry;
    private final Counter accepted;
    private final Counter bytes;

    /// Told from one of Kafka's threads.
    @FunctionalInterface
    interface Acknowledged {
        /// @param failure null when all in-sync replicas have the record
        void done(@Nullable Exception failure);
    }

    /// @param registry that the producer's metrics, and the documents' counts, are kept in
    DocumentSink(Cluster cluster, Topics topics, MeterRegistry registry) {
        this.records = new DocumentRecords(topics);
        this.registry = registry;
        this.accepted = documents(registry, "accepted", "");
        this.bytes = Counter.builder("dyadic.ingest.bytes")
                .description("Encoded bytes of documents that Kafka has taken")
                .register(registry);
        this.producer = cluster.producer(producerSettings());
        this.metrics = new KafkaClientMetrics(producer);
        metrics.bindTo(registry);
    }

    /// How a producer of documents buffers.
    static Map<String, Object> producerSettings() {
        return Map.of(
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                inFlightBytes(),
                ProducerConfig.BATCH_SIZE_CONFIG,
                BATCH_BYTES,
                ProducerConfig.LINGER_MS_CONFIG,
                LINGER_MILLIS,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                Limits.MAX_DOCUMENT_RECORD_BYTES);
    }

    void accept(Document document, Acknowledged acknowledged) {
        ProducerRecord<byte[], byte[]> record = records.document(document);
        int size = record.value().length;
        send(record, failure -> {
            if (failure == null) {
                accepted.increment();
                bytes.increment(size);
            }
            acknowledged.done(failure);
        });
    }

    void refuse(Parsed.Refused refused, DocumentRecords.Origin origin, Acknowledged acknowledged) {
        send(records.refusal(refused, origin), failure -> {
            if (failure == null) {
                documents(registry, "refused", refused.reason()).increment();
            }
            acknowledged.done(failure);
        });
    }

    /// Waits until everything that was sent is acknowledged.
    void flush() {
        producer.flush();
    }

    @Override
    public void close() {
        metrics.close();
        producer.close();
    }

    /// Documents that wait for Kafka: a part of the heap.
    private static long inFlightBytes() {
        return Math.clamp(
                Runtime.getRuntime().maxMemory() / IN_FLIGHT_HEAP_PART, MIN_IN_FLIGHT_BYTES, MAX_IN_FLIGHT_BYTES);
    }

    private static Counter documents(MeterRegistry registry, String outcome, String reason) {
        return Counter.builder("dyadic.ingest.documents")
                .description("Documents that Kafka has: accepted, or refused with a reason")
                .tag("outcome", outcome)
                .tag("reason", reason)
                .register(registry);
    }

    void send(ProducerRecord<byte[], byte[]> record, Acknowledged acknowledged) {
        try {
            var _ = producer.send(record, (_, failure) -> acknowledged.done(failure));
        } catch (KafkaException e) {
            acknowledged.done(e);
        }
    }
}
