package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.dyadic.deploy.broker.EmbeddedBroker;
import dev.dyadic.deploy.local.LocalStack;
import dev.dyadic.deploy.ops.OpsServer;
import dev.dyadic.ingest.IngestServer;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.rpc.AccessSettings;
import dev.dyadic.proto.rpc.ClientSettings;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.sampler.Sampler;
import dev.dyadic.sampler.SamplerLimits;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.client.SamplerClientException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// Passwords and tokens are given to everything that takes some; then whatever can be seen is searched for them.
class SecretsTest {
    private static final String PASSWORD = "kafka-password-a8f3";
    private static final String TOKEN = "bearer-token-of-a-caller-77c1";
    private static final String WRONG_TOKEN = "bearer-token-nobody-has-51e0";
    private static final List<String> SECRETS = List.of(PASSWORD, TOKEN, WRONG_TOKEN);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void nothingThatAServiceSaysHasASecret() throws Exception {
        Path callers =
                Files.writeString(directory.resolve("callers"), "trainer read,train,admin token:" + TOKEN + "\n");
        Path password = Files.writeString(directory.resolve("kafka.secrets"), "password=" + PASSWORD + "\n");
        List<String> seen = new ArrayList<>();
        ListAppender<ILoggingEvent> log = listen(Level.INFO);
        try (OpsServer ops = OpsServer.start("127.0.0.1", 0, false, Set.of());
                EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("broker"), 0)) {
            Cluster cluster = new Cluster(
                    broker.bootstrap(),
                    Map.of(
                            "sasl.jaas.config",
                            "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"me\" password=\""
                                    + PASSWORD + "\";",
                            "ssl.keystore.password",
                            "${file:" + password + ":password}",
                            "ssl.truststore.password",
                            PASSWORD));
            seen.add(cluster.toString());
            LocalStack.Settings settings = new LocalStack.Settings(
                    directory, 0, 0, 0, "test", TestStack.settings("bytes", TestStack.BUCKETS, 2));
            ListenSettings listen = new ListenSettings(
                    "127.0.0.1",
                    0,
                    Optional.empty(),
                    new AccessSettings(Optional.of(callers), Optional.empty()),
                    ListenSettings.Plaintext.ON_LOOPBACK,
                    8,
                    8,
                    Optional.empty());
            try (LocalStack stack = LocalStack.startOn(cluster, settings, seen::add, ops.registry());
                    IngestServer ingest = IngestServer.start(
                            cluster,
                            stack.corpus().topics(),
                            listen,
                            "s",
                            IngestServer.DEFAULT_MAX_IDLE,
                            ops.registry());
                    Sampler sampler = Sampler.start(
                            cluster,
                            stack.corpus(),
                            new Sampler.Settings(
                                    directory.resolve("rows"), listen, 1, "replica", SamplerLimits.DEFAULT),
                            InstantSource.system(),
                            ops.registry())) {
                ops.show(sampler.view()::snapshot);
                seen.add(listen + " " + ingest.address());
                try (SamplerClient client = client(sampler, TOKEN)) {
                    client.openRun("live", TestStack.live(6).build());
                }
                try (SamplerClient client = client(sampler, WRONG_TOKEN)) {
                    client.listRuns();
                } catch (SamplerClientException e) {
                    assertThat(e).hasMessageContaining("a known caller is needed");
                    seen.add(e.toString());
                }
                Files.writeString(callers, "trainer token:" + TOKEN + "\n");
                TimeUnit.MILLISECONDS.sleep(1100);
                try (SamplerClient client = client(sampler, TOKEN)) {
                    client.listRuns();
                }
                for (String path : List.of("/metrics", "/live", "/health/ready", "/version")) {
                    seen.add(get(ops, path));
                }
            }
        } finally {
            silence(log);
        }
        log.list.forEach(event -> seen.add(text(event)));

        assertThat(seen).anyMatch(line -> line.contains("not read anew, what it said before stays in force"));
        assertThat(seen).anyMatch(line -> line.contains("ssl.truststore.password = [hidden]"));
        requireNoSecret(seen);
    }

    @Test
    void neitherHelpNorErrorsOfTheProgramHaveASecret() throws Exception {
        Path config = Files.writeString(
                directory.resolve("client.properties"),
                "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=this is wrong " + PASSWORD
                        + "\n");
        Path callers = Files.writeString(directory.resolve("callers"), "someone everything token:" + TOKEN + "\n");
        List<String> seen = new ArrayList<>();
        for (List<String> arguments : List.of(
                List.of("sample", "--help"),
                List.of("run", "open", "--help"),
                List.of("ingest", "--help"),
                List.of("stats", "-v", "--kafka", "127.0.0.1:1", "--kafka-config", config.toString()),
                List.of("sample", "-v", "--kafka", "127.0.0.1:1", "--kafka-config", config.toString()),
                List.of("sample", "-v", "--auth-file", callers.toString(), "--kafka", "127.0.0.1:1"),
                List.of("run", "list", "-v", "--sampler", "127.0.0.1:1", "--wait", "0"))) {
            seen.add(program(arguments));
        }

        assertThat(seen).anyMatch(text -> text.contains("DYADIC_TOKEN"));
        requireNoSecret(seen);
    }

    @Test
    void theSearchFindsASecret() {
        List<String> seen = List.of("a line", "password=\"" + PASSWORD + "\"");

        assertThat(SECRETS.stream().anyMatch(secret -> seen.stream().anyMatch(line -> line.contains(secret))))
                .isTrue();
    }

    private static void requireNoSecret(List<String> seen) {
        for (String secret : SECRETS) {
            assertThat(seen).noneMatch(line -> line.contains(secret));
        }
    }

    private String program(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.dyadic.deploy.commands.Dyadic"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("DYADIC_TOKEN", TOKEN);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        assertThat(output).isNotBlank();
        return output;
    }

    private static SamplerClient client(Sampler sampler, String token) {
        return new SamplerClient(
                sampler.address(),
                10_000,
                new ClientSettings(Optional.empty(), Optional.empty(), Optional.of(token), false));
    }

    private static String get(OpsServer ops, String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://" + ops.address() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static ListAppender<ILoggingEvent> listen(Level level) {
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        root().addAppender(appender);
        root().setLevel(level);
        return appender;
    }

    private static void silence(ListAppender<ILoggingEvent> appender) {
        root().setLevel(Level.ERROR);
        root().detachAppender(appender);
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    private static String text(ILoggingEvent event) {
        IThrowableProxy thrown = event.getThrowableProxy();
        return event.getFormattedMessage() + (thrown == null ? "" : ThrowableProxyUtil.asString(thrown));
    }
}
