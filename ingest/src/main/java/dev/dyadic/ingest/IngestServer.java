package dev.dyadic.ingest;

import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// Takes documents over gRPC until it is closed.
public final class IngestServer implements AutoCloseable {
    private static final int MAX_CALLS = 256;
    private static final int MAX_MESSAGE_BYTES = Limits.MAX_DOCUMENT_RECORD_BYTES;
    private static final long KEEP_ALIVE_SECONDS = 30;
    private static final long CLOSE_TIMEOUT_SECONDS = 3;

    private final DocumentSink sink;
    private final ExecutorService executor;
    private final Server server;

    private IngestServer(DocumentSink sink, ExecutorService executor, Server server) {
        this.sink = sink;
        this.executor = executor;
        this.server = server;
    }

    /// @param port 0: any free one
    /// @param defaultSource of documents without one
    public static IngestServer start(
            Cluster cluster, Topics topics, String host, int port, String defaultSource, InstantSource clock) {
        DocumentSink sink = new DocumentSink(cluster, topics);
        ExecutorService executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("dyadic-ingest-", 0).factory());
        try {
            Server server = NettyServerBuilder.forAddress(new InetSocketAddress(host, port))
                    .executor(executor)
                    .addService(new IngestService(sink, defaultSource, clock, MAX_CALLS))
                    .addService(new HealthStatusManager().getHealthService())
                    .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                    .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                    .build()
                    .start();
            return new IngestServer(sink, executor, server);
        } catch (IOException e) {
            executor.shutdownNow();
            sink.close();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IngestException(
                    "cannot listen on " + host + ":" + port + ": " + cause.getMessage()
                            + "; stop what uses it, or name another port",
                    e);
        }
    }

    public int port() {
        return server.getPort();
    }

    /// Ends calls, then the producer, after what was sent is acknowledged.
    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                server.shutdownNow();
                server.awaitTermination(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        executor.shutdownNow();
        sink.close();
    }
}
