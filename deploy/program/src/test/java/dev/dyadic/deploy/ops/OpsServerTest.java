package dev.dyadic.deploy.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Version;
import io.micrometer.core.instrument.Gauge;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpsServerTest {
    private static final int TIMEOUT_MILLIS = 30_000;

    private final List<Socket> sockets = new ArrayList<>();

    @AfterEach
    void closeSockets() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void answersVersionAndHealth() throws IOException, InterruptedException {
        try (OpsServer ops = start()) {
            ops.watch(() -> Optional.of("still starting"), Optional::empty);

            assertThat(get(ops, "/version").body()).contains(Version.TEXT);
            assertThat(get(ops, "/health/live").statusCode()).isEqualTo(200);
            assertThat(get(ops, "/health/ready").statusCode()).isEqualTo(503);
            assertThat(get(ops, "/health/ready").body()).contains("still starting");
            assertThat(get(ops, "/").body()).contains("no sampler runs here");
            assertThat(get(ops, "/nothing?of=this").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void headIsAnsweredAsGetIsAndOtherMethodsAreNot() throws IOException, InterruptedException {
        try (OpsServer ops = start();
                HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + ops.address() + "/version"));
            HttpResponse<String> get = client.send(request.GET().build(), HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> head = client.send(request.HEAD().build(), HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> post = client.send(
                    request.POST(HttpRequest.BodyPublishers.ofString("x".repeat(100_000)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.body()).isEmpty();
            assertThat(head.headers().firstValue("content-length"))
                    .contains(Integer.toString(get.body().length()));
            assertThat(post.statusCode()).isEqualTo(405);
            assertThat(post.headers().firstValue("allow")).contains("GET, HEAD");
        }
    }

    @Test
    void otherMachinesLookOnlyWhereThatWasAskedForByName() {
        assertThatThrownBy(() -> OpsServer.start("0.0.0.0", 0, false, Set.of()))
                .isInstanceOf(InvalidException.class)
                .hasMessageContaining("ask for it by name with --ops-remote");
        assertThatThrownBy(() -> OpsServer.start("127.0.0.1", 70_000, false, Set.of()))
                .isInstanceOf(InvalidException.class)
                .hasMessage("--ops must be between 0 and 65535, but was 70000");
    }

    @Test
    void itIsAskedByItsNamesAndByAddressesOnly() throws IOException {
        try (OpsServer ops = OpsServer.start("127.0.0.1", 0, false, Set.of("sampler.example"))) {
            for (String host : List.of(
                    "127.0.0.1:1",
                    "localhost",
                    "LOCALHOST:80",
                    "[::1]:7072",
                    "10.1.2.3:7072",
                    "sampler.example:7072")) {
                assertThat(ask(ops, "/version", host)).startsWith("HTTP/1.1 200");
            }
            for (String host :
                    List.of("evil.example", "127.0.0.1.evil.example:7072", "localhost.evil.example", "", "[x")) {
                assertThat(ask(ops, "/version", host))
                        .startsWith("HTTP/1.1 421")
                        .endsWith("this server is not known by that name: ask by its address, or name it with"
                                + " --ops-name\n");
            }
        }
    }

    @Test
    void halfOpenRequestsKeepHealthFromNobody() throws IOException, InterruptedException {
        try (OpsServer ops = start()) {
            ops.watch(Optional::empty, Optional::empty);
            for (int i = 0; i < 300; i++) {
                open(ops)
                        .getOutputStream()
                        .write("GET /health/live HTTP/1.1\r\nHost: lo".getBytes(StandardCharsets.UTF_8));
            }

            for (int i = 0; i < 5; i++) {
                assertThat(get(ops, "/health/live").statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void answersThatNobodyReadsAndWorkThatLastsKeepHealthFromNobody() throws IOException, InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (OpsServer ops = start()) {
            ops.watch(Optional::empty, Optional::empty);
            // A scrape of some megabytes.
            IntStream.range(0, 20_000)
                    .forEach(i -> Gauge.builder("test.wide", () -> 1)
                            .tag("name", "x".repeat(100) + i)
                            .register(ops.registry()));
            Gauge.builder("test.slow", () -> {
                        asked.countDown();
                        try {
                            go.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        return 1;
                    })
                    .register(ops.registry());
            for (int i = 0; i < 40; i++) {
                open(ops)
                        .getOutputStream()
                        .write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            }
            asked.await();

            assertThat(get(ops, "/health/ready").statusCode()).isEqualTo(200);
            assertThat(get(ops, "/metrics").statusCode()).isEqualTo(503);
            go.countDown();
            assertThat(get(ops, "/health/ready").statusCode()).isEqualTo(200);
            // Whoever reads goes before those who do not.
            HttpResponse<String> metrics = get(ops, "/metrics");
            for (int i = 0; i < 100 && metrics.statusCode() != 200; i++) {
                Thread.sleep(50);
                metrics = get(ops, "/metrics");
            }
            assertThat(metrics.body()).contains("test_wide{name=");
        }
    }

    @Test
    void aRequestHasASizeAndATime() throws IOException {
        try (OpsServer ops = start()) {
            assertThat(send(ops, "GET /" + "x".repeat(5000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                    .startsWith("HTTP/1.1 400");
            assertThat(send(ops, "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "y".repeat(20_000) + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 400");
            assertThat(send(ops, "GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 400");
            assertThat(send(ops, "no request\r\n\r\n")).startsWith("HTTP/1.1 400");
            long from = System.nanoTime();
            // Closed without an answer.
            assertThat(send(ops, "GET /version HTTP/1.1\r\n")).isEmpty();
            assertThat((System.nanoTime() - from) / 1_000_000_000L)
                    .isBetween(OpsHandler.REQUEST_SECONDS - 1L, OpsHandler.REQUEST_SECONDS + 15L);
        }
    }

    @Test
    void aBrowserRunsOnlyTheScriptOfThePage() {
        LivePage page = LivePage.load();

        assertThat(page.policy())
                .doesNotContain("unsafe")
                .matches(".*; style-src 'sha256-[^ ']{44}'; script-src( 'sha256-[^ ']{44}')+");
        // What the digests do not cover would not run, and nothing is fetched beside the page.
        assertThat(page.html())
                .contains("<script>\n\"use strict\";")
                .doesNotContain("style=", "stylesheet", "src=")
                .doesNotContainPattern(" on[a-z]+=\"");
    }

    private static OpsServer start() {
        return OpsServer.start("127.0.0.1", 0, false, Set.of());
    }

    private String ask(OpsServer ops, String path, String host) throws IOException {
        return send(ops, "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    private String send(OpsServer ops, String request) throws IOException {
        Socket socket = open(ops);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        try (InputStream in = socket.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private Socket open(OpsServer ops) throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.setReceiveBufferSize(4096);
        URI uri = URI.create("http://" + ops.address());
        socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    private static HttpResponse<String> get(OpsServer ops, String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://" + ops.address() + path);
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
