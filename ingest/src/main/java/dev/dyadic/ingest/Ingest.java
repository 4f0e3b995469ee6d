package dev.dyadic.ingest;

import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.kafka.Cluster;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Publishes documents. Owned by one thread; the producer's own buffer is the only queue, and bounds what is in flight.
///
/// A document counts as accepted when all of Kafka's replicas have it. Running the same input twice is harmless: the
/// decomposer rejects the second copy of an id.
public final class Ingest implements AutoCloseable {
    static final int MAX_LINE_BYTES = 32 << 20;
    private static final int MAX_SHOWN = 5;
    private static final long PROGRESS_EVERY_LINES = 64;

    private final Fields fields;
    private final String defaultSource;
    private final InstantSource clock;
    private final DocumentSink sink;
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong textBytes = new AtomicLong();
    private final AtomicLong timesUnread = new AtomicLong();
    private final AtomicLong storedBytes = new AtomicLong();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final Map<String, Long> rejectedByReason = new TreeMap<>();
    private final List<String> firstRejected = new ArrayList<>();
    private long rejected;

    /// @param defaultSource of documents without one
    public Ingest(Cluster cluster, Topics topics, Fields fields, String defaultSource, InstantSource clock) {
        this.fields = fields;
        this.defaultSource = defaultSource;
        this.clock = clock;
        this.sink = new DocumentSink(cluster, topics, new SimpleMeterRegistry());
    }

    /// Reads an input to its end and publishes every line of it.
    public void read(Input input, IngestProgress progress) {
        read(input, progress, Long.MAX_VALUE);
    }

    /// Reads an input until so many bytes of text were published from it, or to its end.
    public void read(Input input, IngestProgress progress, long maxTextBytes) {
        long published = 0;
        DocumentParser parser = new DocumentParser(fields, defaultSource, Limits.MAX_TEXT_BYTES, clock);
        try (InputStream stream = input.open(storedBytes)) {
            LineReader lines = new LineReader(stream, MAX_LINE_BYTES);
            for (Line line = lines.next(); line != null && published < maxTextBytes; line = lines.next()) {
                Parsed parsed = parser.parse(line);
                publish(input, line, parsed);
                published += parsed instanceof Parsed.Accepted document ? document.textBytes() : 0;
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
        sink.flush();
        throwIfFailed();
        return new IngestReport(
                accepted.get(), rejected, textBytes.get(), timesUnread.get(), rejectedByReason, firstRejected);
    }

    @Override
    public void close() {
        sink.close();
    }

    private void publish(Input input, Line line, Parsed parsed) {
        switch (parsed) {
            case Parsed.Blank() -> {}
            case Parsed.Accepted(Document document, int bytes, boolean timeIsUnread) ->
                sink.accept(document, cause -> {
                    if (cause == null) {
                        accepted.incrementAndGet();
                        textBytes.addAndGet(bytes);
                        timesUnread.addAndGet(timeIsUnread ? 1 : 0);
                    } else {
                        failure.compareAndSet(null, cause);
                    }
                });
            case Parsed.Refused refused -> {
                rejected++;
                if (firstRejected.size() < MAX_SHOWN) {
                    firstRejected.add(input.name() + ":" + line.number() + ": " + refused.reason() + ": "
                            + DocumentSink.cut(refused.detail()));
                }
                rejectedByReason.merge(refused.reason(), 1L, Long::sum);
                DocumentSink.Origin origin = new DocumentSink.Origin(
                        input.name(),
                        line.number(),
                        ByteBuffer.wrap(line.content().bytes()),
                        line.wholeBytes());
                sink.refuse(refused, origin, cause -> {
                    if (cause != null) {
                        failure.compareAndSet(null, cause);
                    }
                });
            }
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
