package dev.dyadic.deploy.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OpsServerTest {
    @Test
    void answersVersionAndHealth() throws IOException, InterruptedException {
        try (OpsServer ops = OpsServer.start("127.0.0.1", 0, false)) {
            ops.watch(() -> Optional.of("still starting"), Optional::empty);

            assertThat(get(ops, "/version").body()).contains(Version.TEXT);
            assertThat(get(ops, "/health/live").statusCode()).isEqualTo(200);
            assertThat(get(ops, "/health/ready").statusCode()).isEqualTo(503);
            assertThat(get(ops, "/health/ready").body()).contains("still starting");
        }
    }

    @Test
    void otherMachinesLookOnlyWhereThatWasAskedForByName() {
        assertThatThrownBy(() -> OpsServer.start("0.0.0.0", 0, false))
                .isInstanceOf(InvalidException.class)
                .hasMessageContaining("ask for it by name with --ops-remote");
        assertThatThrownBy(() -> OpsServer.start("127.0.0.1", 70_000, false))
                .isInstanceOf(InvalidException.class)
                .hasMessage("--ops must be between 0 and 65535, but was 70000");
    }

    private static HttpResponse<String> get(OpsServer ops, String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://" + ops.address() + path);
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
