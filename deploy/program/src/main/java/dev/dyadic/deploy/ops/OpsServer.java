package dev.dyadic.deploy.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Version;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.sampler.watch.SamplerView;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/// One HTTP port for whoever looks after a service: `/health/live`, `/health/ready`, `/version`, `/metrics`, and where
/// there is a sampler, the live page at `/`, with its data at `/live` (a run's at
/// `/live?run=NAME`). It answers GET and HEAD only, and nothing that it says is secret; it asks nobody who they are.
///
/// Health is answered by threads of its own, so it is never behind other requests. [OpsListener] bounds what clients
/// can cause.
public final class OpsServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final LivePage PAGE = LivePage.load();

    private final OpsListener listener;
    private final Metrics metrics = new Metrics();
    private volatile Supplier<Optional<String>> notReady = () -> Optional.of("the service is starting");
    private volatile Supplier<Optional<String>> notLive = Optional::empty;
    private volatile Optional<Function<Optional<String>, SamplerView.Snapshot>> view = Optional.empty();

    private OpsServer(String host, int port, Set<String> names) {
        this.listener = OpsListener.start(host, port, names, this::route);
    }

    /// @param port 0: any free one
    /// @param remote that other machines may look, in plain text, was asked for by name
    /// @param names by which it may be asked, beside addresses, `localhost` and the name of this machine
    public static OpsServer start(String host, int port, boolean remote, Set<String> names) {
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
        return new OpsServer(host, port, names);
    }

    /// The registry that the service keeps its metrics in.
    public MeterRegistry registry() {
        return metrics.registry();
    }

    /// host:port
    public String address() {
        return listener.address();
    }

    /// The service is up.
    ///
    /// @param ready why it should not be asked now; empty where it should
    /// @param live why only a restart helps; empty where it goes on
    public void watch(Supplier<Optional<String>> ready, Supplier<Optional<String>> live) {
        notReady = ready;
        notLive = live;
    }

    /// @param snapshots of the sampler; where a run is named, with what is shown of that run
    public void show(Function<Optional<String>, SamplerView.Snapshot> snapshots) {
        view = Optional.of(snapshots);
    }

    @Override
    public void close() {
        listener.close();
        metrics.close();
    }

    private OpsRoute route(QueryStringDecoder request) {
        return switch (request.path()) {
            case "/health/live" -> new OpsRoute.Health(() -> health(notLive.get()));
            case "/health/ready" ->
                new OpsRoute.Health(() -> health(notLive.get().or(notReady)));
            case "/version" ->
                new OpsRoute.Ready(
                        json(new About(Version.TEXT, Runtime.version().toString())));
            case "/metrics" ->
                new OpsRoute.Work(() -> new OpsAnswer(OpsAnswer.OK, Metrics.CONTENT_TYPE, metrics.scrape()));
            case "/live" ->
                view.<OpsRoute>map(snapshots -> new OpsRoute.Work(() -> json(snapshots.apply(run(request)))))
                        .orElseGet(OpsServer::noSampler);
            case "/" ->
                view.<OpsRoute>map(_ -> new OpsRoute.Ready(PAGE.answer())).orElseGet(OpsServer::noSampler);
            default ->
                new OpsRoute.Ready(OpsAnswer.text(
                        OpsAnswer.NOT_FOUND, "here are /, /live, /health/live, /health/ready, /version and /metrics"));
        };
    }

    private static Optional<String> run(QueryStringDecoder request) {
        return request.parameters().getOrDefault("run", List.of()).stream().findFirst();
    }

    private record About(String version, String java) {}

    private static OpsRoute noSampler() {
        return new OpsRoute.Ready(
                OpsAnswer.text(OpsAnswer.NOT_FOUND, "no sampler runs here: its page is at the sampler's port"));
    }

    private static OpsAnswer health(Optional<String> wrong) {
        return wrong.map(reason -> OpsAnswer.text(OpsAnswer.UNAVAILABLE, reason))
                .orElse(OpsAnswer.text(OpsAnswer.OK, "ok"));
    }

    private static OpsAnswer json(Object value) {
        try {
            return new OpsAnswer(OpsAnswer.OK, "application/json", JSON.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a view that is no JSON", e);
        }
    }
}
