package dev.dyadic.deploy.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.sampler.watch.SamplerView;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/// One HTTP port for whoever looks after a service: `/health/live`, `/health/ready`, `/version`, `/metrics`, and where
/// there is a sampler, the live page at `/`, with its data at `/live`. It answers GET only, and nothing that it says is
/// secret; it asks nobody who they are.
public final class OpsServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int THREADS = 4;
    private static final int BACKLOG = 64;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int NOT_ALLOWED = 405;
    private static final int UNAVAILABLE = 503;
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String PAGE = pageText();

    static {
        // Bounds of the JDK's server: connections, the size of a request, seconds to send one and to take the answer.
        System.setProperty("jdk.httpserver.maxConnections", "64");
        System.setProperty("sun.net.httpserver.maxReqHeaderSize", "16384");
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
        System.setProperty("sun.net.httpserver.maxRspTime", "30");
    }

    private final HttpServer server;
    private final ExecutorService executor = Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().name("dyadic-ops-", 0).daemon().factory());
    private final Metrics metrics = new Metrics();
    private volatile Supplier<Optional<String>> notReady = () -> Optional.of("the service is starting");
    private volatile Supplier<Optional<String>> notLive = Optional::empty;
    private volatile Optional<Supplier<SamplerView.Snapshot>> view = Optional.empty();

    /// What is sent back.
    private record Answer(int status, String type, String body) {}

    private OpsServer(HttpServer server) {
        this.server = server;
    }

    /// @param port 0: any free one
    /// @param remote that other machines may look, in plain text, was asked for by name
    public static OpsServer start(String host, int port, boolean remote) {
        ListenSettings.requirePort("--ops", port);
        if (!remote) {
            try {
                ListenSettings.requireLoopback(host);
            } catch (InvalidException e) {
                throw new InvalidException(
                        "--ops at " + host + " lets other machines look, in plain text and without being asked who they"
                                + " are: look from 127.0.0.1, or ask for it by name with --ops-remote",
                        e);
            }
        }
        try {
            OpsServer ops = new OpsServer(HttpServer.create(new InetSocketAddress(host, port), BACKLOG));
            ops.server.setExecutor(ops.executor);
            ops.server.createContext("/", ops::handle);
            ops.server.start();
            return ops;
        } catch (IOException e) {
            throw new OpsException(
                    "cannot listen on " + host + ":" + port + ": " + e.getMessage()
                            + "; stop what uses it, or name another --ops",
                    e);
        }
    }

    /// The registry that the service keeps its metrics in.
    public MeterRegistry registry() {
        return metrics.registry();
    }

    /// host:port
    public String address() {
        InetSocketAddress at = server.getAddress();
        return at.getHostString() + ":" + at.getPort();
    }

    /// The service is up.
    ///
    /// @param ready why it should not be asked now; empty where it should
    /// @param live why only a restart helps; empty where it goes on
    public void watch(Supplier<Optional<String>> ready, Supplier<Optional<String>> live) {
        notReady = ready;
        notLive = live;
    }

    public void show(Supplier<SamplerView.Snapshot> snapshots) {
        view = Optional.of(snapshots);
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
        metrics.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = answer(exchange);
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            Headers headers = exchange.getResponseHeaders();
            headers.set("Content-Type", answer.type());
            headers.set("Cache-Control", "no-store");
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set(
                    "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self';"
                            + " img-src data:; frame-ancestors 'none'");
            exchange.sendResponseHeaders(answer.status(), body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private Answer answer(HttpExchange exchange) {
        if (!exchange.getRequestMethod().equals("GET")) {
            return new Answer(NOT_ALLOWED, TEXT, "only GET is answered here\n");
        }
        return switch (exchange.getRequestURI().getPath()) {
            case "/health/live" -> health(notLive.get());
            case "/health/ready" -> health(notLive.get().or(notReady));
            case "/version" ->
                json(Map.of("version", Version.TEXT, "java", Runtime.version().toString()));
            case "/metrics" -> new Answer(OK, Metrics.CONTENT_TYPE, metrics.scrape());
            case "/live" -> view.map(snapshots -> json(snapshots.get())).orElseGet(OpsServer::noSampler);
            case "/" ->
                view.map(_ -> new Answer(OK, "text/html; charset=utf-8", PAGE)).orElseGet(OpsServer::noSampler);
            default ->
                new Answer(NOT_FOUND, TEXT, "here are /, /live, /health/live, /health/ready, /version and /metrics\n");
        };
    }

    private static Answer noSampler() {
        return new Answer(NOT_FOUND, TEXT, "no sampler runs here: its page is at the sampler's port\n");
    }

    private static Answer health(Optional<String> wrong) {
        return wrong.map(reason -> new Answer(UNAVAILABLE, TEXT, reason + "\n")).orElse(new Answer(OK, TEXT, "ok\n"));
    }

    private static Answer json(Object value) {
        try {
            return new Answer(OK, "application/json", JSON.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a view that is no JSON", e);
        }
    }

    private static String pageText() {
        try (InputStream in = Objects.requireNonNull(OpsServer.class.getResourceAsStream("live.html"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("the page is missing from this program", e);
        }
    }
}
