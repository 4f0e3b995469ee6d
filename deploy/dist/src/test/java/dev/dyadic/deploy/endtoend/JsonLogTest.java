package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.proto.rpc.ClientSettings;
import dev.dyadic.v1.SamplerGrpc;
import dev.dyadic.v1.SamplerProto.CloseRunRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With `--log-format json` every line that a service writes is a JSON object: its own, those of gRPC and Netty, and
/// what it tells its user.
class JsonLogTest {
    private static final int HEAP_MIB = 128;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void everyLineIsAnObjectAndTheAuditLogNamesWhoTriedWhat() throws Exception {
        Path callers = Files.writeString(directory.resolve("callers"), "ada read token:a-token-of-the-test\n");
        Path audit = directory.resolve("audit.jsonl");
        Path log = directory.resolve("log");
        try (TestStack test = new TestStack(directory.resolve("stack"))) {
            try (ServiceProcess sampler = ServiceProcess.sampler(
                    log,
                    HEAP_MIB,
                    test,
                    directory.resolve("rows"),
                    "--log-format",
                    "json",
                    "-v",
                    "--auth-file",
                    callers.toString(),
                    "--audit-log",
                    audit.toString(),
                    "--ops",
                    "127.0.0.1:0")) {
                noise(sampler.port("sampler"));
                assertThat(denied(sampler.address("sampler"), "a-token-of-the-test"))
                        .isEqualTo(Status.Code.PERMISSION_DENIED);
                assertThat(denied(sampler.address("sampler"), "another-token-of-somebody"))
                        .isEqualTo(Status.Code.UNAUTHENTICATED);
                sampler.signal("TERM");
                sampler.awaitEnd(30);
            }
        }

        List<JsonNode> lines = objects(log);
        assertThat(lines)
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line.path("message").isTextual()).isTrue());
        assertThat(lines).noneMatch(line -> line.path("message").asText().contains("a-token-of-the-test"));
        assertThat(objects(audit))
                .extracting(line ->
                        line.path("caller").asText() + " " + line.path("method").asText() + " "
                                + line.path("reason").asText())
                .containsExactly("ada dyadic.v1.Sampler/CloseRun role", "- dyadic.v1.Sampler/CloseRun unknown-token");
    }

    /// What gRPC and Netty have something to say of.
    private static void noise(int port) throws IOException {
        for (String bytes : List.of(
                "GET / HTTP/1.1\r\n\r\n",
                "\u0016\u0003\u0001\u0000",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nxxxxxxxxxxxxxxxx")) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
                socket.setSoTimeout(2_000);
                socket.getInputStream().readNBytes(9);
            }
        }
    }

    private static Status.Code denied(String address, String token) throws Exception {
        ClientSettings settings = new ClientSettings(Optional.empty(), Optional.empty(), Optional.of(token), false);
        ClientSettings.Connection connection = settings.connect(address, builder -> builder);
        ManagedChannel channel = connection.channel();
        try (AutoCloseable _ = connection.resources()) {
            SamplerGrpc.newBlockingStub(channel)
                    .withCallCredentials(connection.credentials().orElseThrow())
                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                    .closeRun(CloseRunRequest.newBuilder().setRun("none").build());
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        } finally {
            channel.shutdownNow();
        }
    }

    private static List<JsonNode> objects(Path file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<JsonNode> objects = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            objects.add(json.readTree(line));
        }
        return objects;
    }
}
