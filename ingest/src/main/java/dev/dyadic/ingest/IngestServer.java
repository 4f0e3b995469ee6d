package dev.dyadic.ingest;

import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.Fields;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.rpc.GrpcListener;
import dev.dyadic.proto.rpc.ListenLimits;
import dev.dyadic.proto.rpc.ListenSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// Takes documents over gRPC until it is closed.
public final class IngestServer implements AutoCloseable {
    private static final int MAX_CALLS = 256;
    /// A call holds one document, and the bytes that wait behind it in its connection's window.
    private static final long HEAP_BYTES_PER_CALL = 8L * Limits.MAX_DOCUMENT_RECORD_BYTES;
    /// A stream of documents lasts as long as its client likes, so connections do not age.
    private static final ListenLimits LISTEN_LIMITS =
            new ListenLimits(Limits.MAX_DOCUMENT_RECORD_BYTES, 1 << 20, Duration.ZERO);

    public static final Duration DEFAULT_MAX_IDLE = Duration.ofMinutes(5);

    private final DocumentSink sink;
    private final IngestService service;
    private final GrpcListener listener;

    private IngestServer(DocumentSink sink, IngestService service, GrpcListener listener) {
        this.sink = sink;
        this.service = service;
        this.listener = listener;
    }

    /// @param defaultSource of documents without one
    /// @param maxIdle after which a call that sends nothing is ended
    /// @param registry that the server's metrics are kept in
    public static IngestServer start(
            Cluster cluster,
            Topics topics,
            ListenSettings settings,
            String defaultSource,
            Duration maxIdle,
            MeterRegistry registry) {
        DocumentSink sink = new DocumentSink(cluster, topics, registry);
        IngestService service =
                new IngestService(sink, DocumentRules.of(Fields.DEFAULT, defaultSource), maxCalls(), maxIdle);
        try {
            return new IngestServer(
                    sink,
                    service,
                    GrpcListener.start("ingest", settings, LISTEN_LIMITS, List.of(service.bindService()), registry));
        } catch (IOException e) {
            service.close();
            sink.close();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IngestException(
                    "cannot listen on " + settings.host() + ":" + settings.port() + ": " + cause.getMessage()
                            + "; stop what uses it, or name another port",
                    e);
        } catch (RuntimeException e) {
            service.close();
            sink.close();
            throw e;
        }
    }

    /// Calls that publish at once: memory bounds them where the heap is small.
    public static int maxCalls() {
        return Math.clamp(Runtime.getRuntime().maxMemory() / HEAP_BYTES_PER_CALL, 1, MAX_CALLS);
    }

    public int port() {
        return listener.port();
    }

    /// host:port
    public String address() {
        return listener.address();
    }

    /// Ends calls, then the producer, after what was sent is acknowledged.
    @Override
    public void close() {
        listener.close();
        service.close();
        sink.close();
    }
}
