package dev.dyadic.sampler.serve;

import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.ledger.LedgerLog;
import dev.dyadic.sampler.ledger.Signal;
import dev.dyadic.sampler.replicate.Replicator;
import dev.dyadic.sampler.segments.DiskBudget;
import dev.dyadic.sampler.segments.SegmentStore;
import dev.dyadic.sampler.wire.BatchMethods;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
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
    private static final long KEEP_ALIVE_SECONDS = 60;
    private static final int MAX_REQUEST_BYTES = 1 << 20;
    private static final long CLOSE_TIMEOUT_MILLIS = 5_000;

    private final Deque<AutoCloseable> parts;
    private final Server server;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

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
            SegmentStore store = keep(
                    parts,
                    SegmentStore.open(
                            settings.dataDir(),
                            corpus,
                            new DiskBudget(settings.limits().maxDiskBytes())));
            LedgerLog ledger = keep(parts, LedgerLog.open(cluster, corpus, signal));
            Replicator replicator =
                    keep(parts, Replicator.start(cluster, corpus, store, settings.replicationThreads(), signal, clock));
            LengthTopics topics = keep(parts, new LengthTopics(cluster, corpus));
            RowRepair repair = new RowRepair(store, topics);
            InputWatch input = keep(parts, new InputWatch(cluster, corpus, store, clock));
            RetentionWatch retention = keep(parts, new RetentionWatch(cluster, corpus, store, ledger, clock));
            Planning planning = new Planning(ledger, store, input, repair, signal, clock, settings.replica());
            Batches batches = keep(parts, new Batches(store, corpus.settings(), signal, repair, settings.limits()));
            SamplerService service = new SamplerService(
                    corpus.settings(),
                    store,
                    replicator,
                    input,
                    retention,
                    new Runs(cluster, corpus, ledger, clock),
                    planning,
                    batches,
                    new Tracing(corpus.settings(), store, topics, ledger, batches),
                    settings.limits());
            HealthStatusManager health = new HealthStatusManager();
            ExecutorService executor = Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("dyadic-call-", 0).factory());
            parts.push(executor::shutdownNow);
            Server server = NettyServerBuilder.forAddress(new InetSocketAddress(settings.host(), settings.port()))
                    .executor(executor)
                    .addService(BatchMethods.of(service.bindService()))
                    .addService(health.getHealthService())
                    .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
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
            Sampler sampler = new Sampler(parts, server);
            sampler.watch(ledger, replicator, signal, health);
            return sampler;
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

    /// Completes normally after `close()`, exceptionally when a part has failed and the sampler is of no more use.
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /// Ends calls, then replication, then the ledger; the last checkpoint is written.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            closeAll(parts);
            ended.complete(null);
        }
    }

    private void watch(LedgerLog ledger, Replicator replicator, Signal signal, HealthStatusManager health) {
        Thread.ofVirtual().name("dyadic-watch").start(() -> {
            try {
                for (long seen = signal.version(); !closed.get(); seen = signal.version()) {
                    ledger.requireAlive();
                    replicator.failure().ifPresent(reason -> {
                        throw new SamplerException(SamplerException.Kind.NOT_READY, reason);
                    });
                    signal.await(seen, TimeUnit.SECONDS.toNanos(1));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                if (!closed.get()) {
                    health.setStatus("", HealthCheckResponse.ServingStatus.NOT_SERVING);
                    ended.completeExceptionally(e);
                }
            }
        });
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
