package dev.dyadic.sampler.serve;

import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.ledger.LedgerLog;
import dev.dyadic.sampler.ledger.Signal;
import dev.dyadic.sampler.replicate.Replicator;
import dev.dyadic.sampler.segments.SegmentStore;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running sampler: one replica.
public final class Sampler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);
    private static final int FLOW_CONTROL_WINDOW_BYTES = 16 << 20;
    private static final int MAX_REQUEST_BYTES = 1 << 20;
    private static final long CLOSE_TIMEOUT_MILLIS = 5_000;

    private final Deque<AutoCloseable> parts;
    private final Server server;
    private final AtomicBoolean closed = new AtomicBoolean();

    /// @param dataDir rows on disk: a cache that can be deleted
    /// @param port 0: any free one
    /// @param replica name in the ledger, for people
    public record Settings(
            Path dataDir, String host, int port, int replicationThreads, String replica, SamplerLimits limits) {
        public Settings {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port must be between 0 and 65535, but was " + port);
            }
            if (replicationThreads < 1 || replicationThreads > 64) {
                throw new IllegalArgumentException(
                        "replication-threads must be between 1 and 64, but was " + replicationThreads);
            }
        }
    }

    private Sampler(Deque<AutoCloseable> parts, Server server) {
        this.parts = parts;
        this.server = server;
    }

    public static Sampler start(Cluster cluster, Corpus corpus, Settings settings, InstantSource clock) {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            Signal signal = new Signal();
            SegmentStore store = keep(parts, SegmentStore.open(settings.dataDir(), corpus));
            LedgerLog ledger = keep(parts, LedgerLog.open(cluster, corpus, signal));
            Replicator replicator =
                    keep(parts, Replicator.start(cluster, corpus, store, settings.replicationThreads(), signal, clock));
            Planning planning = new Planning(ledger, store, signal, clock, settings.replica());
            SamplerService service = new SamplerService(
                    corpus.settings(),
                    store,
                    replicator,
                    new Runs(cluster, corpus, ledger, clock),
                    planning,
                    signal,
                    settings.limits());
            ExecutorService executor = Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("dyadic-call-", 0).factory());
            parts.push(executor::shutdownNow);
            Server server = NettyServerBuilder.forAddress(new InetSocketAddress(settings.host(), settings.port()))
                    .executor(executor)
                    .addService(service)
                    .addService(new HealthStatusManager().getHealthService())
                    .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                    .maxInboundMessageSize(MAX_REQUEST_BYTES)
                    .build()
                    .start();
            parts.push(() -> stop(server));
            LOG.info(
                    "sampler started, corpus={} address={}:{} data={}",
                    corpus.topics().corpus(),
                    settings.host(),
                    server.getPort(),
                    settings.dataDir());
            return new Sampler(parts, server);
        } catch (IOException e) {
            closeAll(parts);
            throw new SamplerException(
                    SamplerException.Kind.INVALID,
                    "cannot listen on " + settings.host() + ":" + settings.port() + ": " + reason(e)
                            + "; stop what uses it, or name another --port",
                    e);
        } catch (RuntimeException e) {
            closeAll(parts);
            throw e;
        }
    }

    public int port() {
        return server.getPort();
    }

    /// Ends calls, then replication, then the ledger; the last checkpoint is written.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            closeAll(parts);
        }
    }

    private static <T extends AutoCloseable> T keep(Deque<AutoCloseable> parts, T part) {
        parts.push(part);
        return part;
    }

    private static void stop(Server server) throws InterruptedException {
        server.shutdown();
        if (!server.awaitTermination(CLOSE_TIMEOUT_MILLIS / 5, TimeUnit.MILLISECONDS)) {
            server.shutdownNow();
            server.awaitTermination(CLOSE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private static void closeAll(Deque<AutoCloseable> parts) {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                LOG.warn("closing a part of the sampler failed", e);
            }
        }
    }

    private static String reason(IOException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return String.valueOf(cause.getMessage());
    }
}
