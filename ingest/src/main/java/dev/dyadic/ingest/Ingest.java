package dev.dyadic.ingest;

import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.avro.Reject;
import dev.dyadic.proto.kafka.Cluster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/// Publishes documents. Owned by one thread; the producer's own buffer is the only queue, and bounds what is in flight.
///
/// A document counts as accepted when all of Kafka's replicas have it. Running the same input twice is harmless: the
/// decomposer rejects the second copy of an id.
public final class Ingest implements AutoCloseable {
    private static final long MAX_IN_FLIGHT_BYTES = 64L << 20;
    private static final int BATCH_BYTES = 256 << 10;
    private static final int LINGER_MILLIS = 5;
    private static final int MAX_LINE_BYTES = 32 << 20;
    private static final int MAX_DETAIL_CHARS = 1000;
    private static final int MAX_SHOWN = 5;
    private static final long PROGRESS_EVERY_LINES = 64;

    private final Topics topics;
    private final Fields fields;
    private final String defaultSource;
    private final InstantSource clock;
    private final Producer<byte[], byte[]> producer;
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong textBytes = new AtomicLong();
    private final AtomicLong storedBytes = new AtomicLong();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final Map<String, Long> rejectedByReason = new TreeMap<>();
    private final List<String> firstRejected = new ArrayList<>();
    private long rejected;

    /// @param defaultSource of documents without one
    public Ingest(Cluster cluster, Topics topics, Fields fields, String defaultSource, InstantSource clock) {
        this.topics = topics;
        this.fields = fields;
        this.defaultSource = defaultSource;
        this.clock = clock;
        this.producer = cluster.producer(Map.of(
                ProducerConfig.BUFFER_MEMORY_CONFIG, MAX_IN_FLIGHT_BYTES,
                ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES,
                ProducerConfig.LINGER_MS_CONFIG, LINGER_MILLIS,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Limits.MAX_DOCUMENT_RECORD_BYTES));
    }

    /// Reads an input to its end and publishes every line of it.
    public void read(Input input, IngestProgress progress) {
        DocumentParser parser = new DocumentParser(fields, defaultSource, Limits.MAX_TEXT_BYTES, clock);
        try (InputStream stream = input.open(storedBytes)) {
            LineReader lines = new LineReader(stream, MAX_LINE_BYTES);
            for (Line line = lines.next(); line != null; line = lines.next()) {
                publish(input, line, parser.parse(line));
                if (line.number() % PROGRESS_EVERY_LINES == 0) {
                    progress.update(accepted.get(), rejected, storedBytes.get());
                }
                throwIfFailed();
            }
        } catch (IOException e) {
            throw new IngestException("cannot read " + input.name() + ": " + e.getMessage(), e);
        }
        progress.update(accepted.get(), rejected, storedBytes.get());
    }

    /// Waits until everything that was published is acknowledged.
    public IngestReport flush() {
        producer.flush();
        throwIfFailed();
        return new IngestReport(accepted.get(), rejected, textBytes.get(), rejectedByReason, firstRejected);
    }

    @Override
    public void close() {
        producer.close();
    }

    private void publish(Input input, Line line, Parsed parsed) {
        switch (parsed) {
            case Parsed.Blank() -> {}
            case Parsed.Accepted(Document document, int bytes) ->
                send(
                        new ProducerRecord<>(
                                topics.documents(),
                                document.getId().getBytes(StandardCharsets.UTF_8),
                                Codecs.DOCUMENT.encode(document)),
                        () -> {
                            accepted.incrementAndGet();
                            textBytes.addAndGet(bytes);
                        });
            case Parsed.Refused refused -> {
                rejected++;
                if (firstRejected.size() < MAX_SHOWN) {
                    firstRejected.add(input.name() + ":" + line.number() + ": " + refused.reason() + ": "
                            + cut(refused.detail()));
                }
                rejectedByReason.merge(refused.reason(), 1L, Long::sum);
                Reject reject = reject(input, line, refused);
                send(new ProducerRecord<>(topics.documentRejects(), Codecs.REJECT.encode(reject)), () -> {});
            }
        }
    }

    private static Reject reject(Input input, Line line, Parsed.Refused refused) {
        byte[] bytes = line.content().bytes();
        return Reject.newBuilder()
                .setStage("ingest")
                .setReason(refused.reason())
                .setDetail(cut(refused.detail()))
                .setDocumentId(refused.documentId() == null ? null : cut(refused.documentId()))
                .setSource(null)
                .setOrigin(input.name())
                .setPosition(line.number())
                .setDocumentBytes((int) Math.min(line.wholeBytes(), Integer.MAX_VALUE))
                .setRecord(ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, Limits.MAX_REJECT_COPY_BYTES)))
                .build();
    }

    private static String cut(String text) {
        return text.length() <= MAX_DETAIL_CHARS ? text : text.substring(0, MAX_DETAIL_CHARS) + "…";
    }

    private void send(ProducerRecord<byte[], byte[]> record, Runnable acknowledged) {
        try {
            var _ = producer.send(record, (metadata, exception) -> {
                if (exception == null) {
                    acknowledged.run();
                } else {
                    failure.compareAndSet(null, exception);
                }
            });
        } catch (KafkaException e) {
            failure.compareAndSet(null, e);
        }
    }

    private void throwIfFailed() {
        Exception cause = failure.get();
        if (cause != null) {
            throw new IngestException(
                    "Kafka did not take a document: " + cause.getMessage() + ". " + accepted.get()
                            + " documents were accepted; run the same command again, the decomposer drops those it has.",
                    cause);
        }
    }
}
