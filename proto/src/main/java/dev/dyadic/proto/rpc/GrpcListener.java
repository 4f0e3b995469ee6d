package dev.dyadic.proto.rpc;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerServiceDefinition;
import io.grpc.TlsServerCredentials;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.grpc.MetricCollectingServerInterceptor;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// A gRPC server with everything that bounds it: who may call, and what clients can cause. It answers the standard
/// health service too. Calls run on virtual threads.
public final class GrpcListener implements AutoCloseable {
    private static final long KEEP_ALIVE_SECONDS = 60;
    private static final long DRAIN_SECONDS = 1;
    private static final long CLOSE_SECONDS = 5;

    private final String host;
    private final Pem pem;
    private final ExecutorService executor;
    private final EventLoopGroup acceptor;
    private final EventLoopGroup workers;
    private final Optional<AccessInterceptor> access;
    private final HealthStatusManager health;
    private final Server server;

    private GrpcListener(
            String host,
            Pem pem,
            ExecutorService executor,
            EventLoopGroup acceptor,
            EventLoopGroup workers,
            Optional<AccessInterceptor> access,
            HealthStatusManager health,
            Server server) {
        this.host = host;
        this.pem = pem;
        this.executor = executor;
        this.acceptor = acceptor;
        this.workers = workers;
        this.access = access;
        this.health = health;
        this.server = server;
    }

    /// @param service its name in metrics
    /// @throws IOException where the address cannot be listened at
    /// @throws dev.dyadic.proto.InvalidException where a file of the settings cannot be used
    public static GrpcListener start(
            String service,
            ListenSettings settings,
            ListenLimits limits,
            List<ServerServiceDefinition> services,
            MeterRegistry meters)
            throws IOException {
        Pem pem = new Pem();
        ExecutorService executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("dyadic-call-", 0).factory());
        EventLoopGroup acceptor = group("dyadic-accept", 1);
        EventLoopGroup workers = group("dyadic-net", 0);
        Optional<AccessInterceptor> access = Optional.empty();
        try {
            AuditLog audit = new AuditLog(meters);
            AtomicInteger open = new AtomicInteger();
            Gauge.builder("dyadic.grpc.connections", open, AtomicInteger::doubleValue)
                    .tag("service", service)
                    .description("Connections that are open")
                    .register(meters);
            var refused = meters.counter("dyadic.grpc.connections.refused", "service", service);
            NettyServerBuilder builder = NettyServerBuilder.forAddress(
                            new InetSocketAddress(settings.host(), settings.port()),
                            credentials(service, settings, pem, meters))
                    .channelFactory(() -> new LimitedServerChannel(settings.maxConnections(), open, refused))
                    .bossEventLoopGroup(acceptor)
                    .workerEventLoopGroup(workers)
                    .executor(executor)
                    .maxConcurrentCallsPerConnection(settings.maxCallsPerConnection())
                    .maxInboundMessageSize(limits.maxMessageBytes())
                    .maxInboundMetadataSize(ListenLimits.MAX_HEADER_BYTES)
                    .flowControlWindow(limits.windowBytes())
                    .handshakeTimeout(ListenLimits.HANDSHAKE_SECONDS, TimeUnit.SECONDS)
                    .maxConnectionIdle(ListenLimits.MAX_IDLE_MINUTES, TimeUnit.MINUTES)
                    .maxRstFramesPerWindow(ListenLimits.MAX_RESETS, ListenLimits.RESET_WINDOW_SECONDS)
                    .permitKeepAliveTime(ListenLimits.MIN_PING_SECONDS, TimeUnit.SECONDS)
                    .permitKeepAliveWithoutCalls(true)
                    .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                    .addStreamTracerFactory(StreamReset.tracers())
                    // Each is called before those above it.
                    .intercept(new MetricCollectingServerInterceptor(meters))
                    .intercept(new AuditInterceptor(audit));
            Duration age = settings.maxConnectionAge().orElse(limits.maxConnectionAge());
            if (age.isPositive()) {
                builder.maxConnectionAge(age.toMillis(), TimeUnit.MILLISECONDS)
                        .maxConnectionAgeGrace(ListenLimits.AGE_GRACE_MINUTES, TimeUnit.MINUTES);
            }
            if (settings.access().isOn()) {
                access = Optional.of(new AccessInterceptor(settings.access(), audit, InstantSource.system()));
                builder.intercept(access.get());
            }
            builder.intercept(new CallGuard());
            services.forEach(given -> builder.addService(RequestMarshaller.of(given)));
            HealthStatusManager health = new HealthStatusManager();
            builder.addService(health.getHealthService());
            if (settings.reflection()) {
                builder.addService(ProtoReflectionServiceV1.newInstance());
            }
            return new GrpcListener(
                    settings.host(),
                    pem,
                    executor,
                    acceptor,
                    workers,
                    access,
                    health,
                    builder.build().start());
        } catch (IOException | RuntimeException e) {
            closeThreads(pem, executor, acceptor, workers, access);
            throw e;
        }
    }

    public int port() {
        return server.getPort();
    }

    /// host:port
    public String address() {
        return host + ":" + server.getPort();
    }

    /// Makes gRPC's health service answer that this server no longer serves.
    public void notServing() {
        health.setStatus("", HealthCheckResponse.ServingStatus.NOT_SERVING);
    }

    /// Lets calls end for a moment, then ends them.
    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS)) {
                server.shutdownNow();
                server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        closeThreads(pem, executor, acceptor, workers, access);
    }

    private static void closeThreads(
            Pem pem,
            ExecutorService executor,
            EventLoopGroup acceptor,
            EventLoopGroup workers,
            Optional<AccessInterceptor> access) {
        access.ifPresent(AccessInterceptor::close);
        executor.shutdownNow();
        acceptor.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        workers.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        pem.close();
    }

    private static ServerCredentials credentials(
            String service, ListenSettings settings, Pem pem, MeterRegistry meters) {
        AtomicLong expires = new AtomicLong();
        Gauge.builder(
                        "dyadic.tls.certificate.expires.timestamp.seconds",
                        expires,
                        end -> end.get() == 0 ? Double.NaN : end.get())
                .tag("service", service)
                .description("When the first certificate of the chain in force ends, in seconds since 1970")
                .register(meters);
        if (settings.tls().isEmpty()) {
            return InsecureServerCredentials.create();
        }
        ServerTls tls = settings.tls().get();
        TlsServerCredentials.Builder builder = TlsServerCredentials.newBuilder()
                .keyManager(pem.keys(tls.certificate(), tls.key(), end -> expires.set(end.getEpochSecond())));
        tls.clientCa()
                .ifPresent(
                        ca -> builder.trustManager(pem.trust(ca)).clientAuth(TlsServerCredentials.ClientAuth.REQUIRE));
        return builder.build();
    }

    /// @param threads 0: as many as Netty finds right
    private static EventLoopGroup group(String name, int threads) {
        return new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
    }
}
