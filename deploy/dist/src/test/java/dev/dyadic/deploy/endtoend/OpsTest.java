package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.deploy.local.LocalStack;
import dev.dyadic.deploy.ops.OpsServer;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.Position;
import dev.dyadic.v1.SamplerProto.RunDescription;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Health, metrics, and what the live page is drawn from.
class OpsTest {
    private static final Path CHART = Path.of("..", "helm", "dyadic");
    private static final Pattern METRIC = Pattern.compile("\\b(?:dyadic|jvm|process|kafka|grpc)_[a-z_]+");
    /// Those that a trainer has, and that there are only once a call was denied: other tests see them.
    private static final Set<String> ELSEWHERE =
            Set.of("dyadic_trainer_steps_total", "dyadic_trainer_tokens_total", "dyadic_grpc_denied_total");

    @TempDir
    private static Path directory = Path.of("");

    private static OpsServer ops = null;
    private static LocalStack stack = null;

    @BeforeAll
    static void start() throws Exception {
        ops = OpsServer.start("127.0.0.1", 0, false, Set.of());
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
        assertThat(get("/health/ready").body()).isEqualTo("the service is starting\n");
        stack = LocalStack.start(
                new LocalStack.Settings(directory, 0, 0, 0, "test", TestStack.settings("bytes", TestStack.BUCKETS, 2)),
                _ -> {},
                ops.registry());
        ops.watch(stack::notReady, Optional::empty);
        ops.show(stack.view()::snapshot);
        Texts.publish(stack.cluster(), stack.corpus().topics(), Texts.make("doc-", 300, 4));
        try (SamplerClient client = new SamplerClient(stack.samplerAddress(), 30_000)) {
            RunDescription run = client.openRun("live", TestStack.live(6).build());
            for (int step = 0; step < 10; step++) {
                Batch batch = TestStack.get(client, "live", step);
                client.reportLoss("live", step, 5.0 - 0.1 * step);
                client.commit(
                        "live",
                        Position.newBuilder()
                                .setRunId(run.getRunId())
                                .setStep(step)
                                .setManifestDigest(batch.getManifestDigest())
                                .build());
            }
        }
    }

    @AfterAll
    static void stop() {
        stack.close();
        ops.close();
    }

    @Test
    void whatIsUpIsReadyAndSaysItsVersion() throws Exception {
        await("/health/ready", "ok");

        assertThat(get("/health/live").body()).isEqualTo("ok\n");
        assertThat(new ObjectMapper()
                        .readTree(get("/version").body())
                        .path("version")
                        .asText())
                .matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(get("/other").statusCode()).isEqualTo(404);
        HttpResponse<String> posted = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri("/metrics"))
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(posted.statusCode()).isEqualTo(405);
    }

    @Test
    void whatIsNotLiveIsNotReadyEitherAndSaysWhy() throws Exception {
        try (OpsServer broken = OpsServer.start("127.0.0.1", 0, false, Set.of())) {
            broken.watch(Optional::empty, () -> Optional.of("it stands still"));

            for (String path : List.of("/health/live", "/health/ready")) {
                HttpResponse<String> answer = HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create("http://" + broken.address() + path))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(503);
                assertThat(answer.body()).isEqualTo("it stands still\n");
            }
        }
    }

    @Test
    void otherMachinesMayLookOnlyWhereThatWasAskedFor() {
        assertThatThrownBy(() -> OpsServer.start("0.0.0.0", 0, false, Set.of()))
                .isInstanceOf(InvalidException.class)
                .hasMessageContaining("or ask for it by name with --ops-remote");
    }

    @Test
    void everyMetricOfTheAlertsAndTheBoardIsThere() throws Exception {
        // Gauges of runs are looked up every few seconds.
        await("/metrics", "dyadic_run_step_committed{");
        // There is a pause to be measured only after one.
        System.gc();
        await("/metrics", "jvm_gc_pause_seconds_sum{");
        String scraped = get("/metrics").body();
        Set<String> there = names(scraped);

        for (String file : List.of("alerts.yml", "dashboard.json")) {
            Set<String> used = names(Files.readString(CHART.resolve(file)));
            used.removeAll(ELSEWHERE);
            assertThat(used).isNotEmpty();
            assertThat(there).as(file).containsAll(used);
        }
        assertThat(scraped)
                .contains("dyadic_tokens_served_total{length=")
                .contains("dyadic_train_loss_count{length=")
                .contains("dyadic_conserved 1.0");
    }

    @Test
    void thePageHasWhatHappened() throws Exception {
        assertThat(new ObjectMapper()
                        .readTree(get("/live?run=nowhere").body())
                        .path("run")
                        .isNull())
                .isTrue();
        JsonNode now = new ObjectMapper().readTree(get("/live?run=live").body());

        assertThat(now.path("corpus").asText()).isEqualTo("main");
        assertThat(now.path("conserved").asBoolean()).isTrue();
        JsonNode run = now.path("runs").get(0);
        assertThat(run.path("name").asText()).isEqualTo("live");
        assertThat(run.path("servedStep").asLong()).isEqualTo(9);
        assertThat(run.path("servedAgoMillis").asLong()).isNotNegative();
        JsonNode detail = now.path("run");
        assertThat(detail.path("lengths").size())
                .isEqualTo(run.path("stepsPlanned").asInt());
        assertThat(detail.path("lengths")).allMatch(length -> length.asInt() >= 32 && length.asInt() <= 256);
        long dealt = 0;
        for (JsonNode cycle : detail.path("mixture").path("dealt")) {
            for (JsonNode tokens : cycle.path("tokens")) {
                dealt += tokens.asLong();
            }
        }
        assertThat(dealt)
                .isEqualTo(run.path("stepsPlanned").asLong()
                        * run.path("tokensPerStep").asLong());
        long admitted = 0;
        for (JsonNode pool : detail.path("pools")) {
            assertThat(pool.path("admitted").asLong())
                    .isEqualTo(pool.path("dealt").asLong()
                            + pool.path("pending").asLong()
                            + pool.path("shed").asLong());
            admitted += pool.path("admitted").asLong();
        }
        assertThat(admitted).isPositive();
        assertThat(now.path("ranks")).hasSize(1);
        assertThat(now.path("ranks").get(0).path("step").asLong()).isEqualTo(9);
        assertThat(now.path("past")).isNotEmpty();
        // The name of the elements of SVG is no address.
        assertThat(get("/").body().replace("http://www.w3.org/2000/svg", ""))
                .contains("<title>Dyadic</title>")
                .doesNotContain("http://", "https://");
    }

    private static Set<String> names(String text) {
        return METRIC.matcher(text).results().map(MatchResult::group).collect(Collectors.toCollection(TreeSet::new));
    }

    private static void await(String path, String content) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!get(path).body().contains(content)) {
            assertThat(System.nanoTime()).as("%s has %s", path, content).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static URI uri(String path) {
        return URI.create("http://" + ops.address() + path);
    }
}
