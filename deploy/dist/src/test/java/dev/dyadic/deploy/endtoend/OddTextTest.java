package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.deploy.ops.OpsServer;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.RunDescription;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Characters that programs like to change or to trip over go through ingest, Kafka, ids, gRPC and JSON as they are: in
/// texts, and in the names of sources.
class OddTextTest {
    private static final List<String> ODD = List.of(
            "NUL \0 and \1\u007f ",
            "\u2028\u2029\u0085 lines ",
            "\u0301\u0316 e\u0301\u0334 marks ",
            "\u202e\u05d0\u05d1\u05d2 \u0627\u0628\u202c right to left ",
            "\uD83D\uDC69\u200D\uD83D\uDE80 \uDBFF\uDFFD four bytes ",
            "\uFEFF BOM \uFEFF\uFFFE\uFFFF ",
            "\"\\ </script> &amp; %s ${x} ");
    private static final int REPEATED = 500;
    private static final int END_OF_TEXT = 256;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void itComesOutAsItCameIn() throws Exception {
        try (TestStack test = new TestStack(directory);
                OpsServer ops = OpsServer.start("127.0.0.1", 0, false, Set.of())) {
            ops.show(test.stack().view()::snapshot);
            Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), lines());
            RunDescription run =
                    test.client().openRun("odd", TestStack.bounded(1, 1).build());

            Map<String, Set<String>> rowsBySource = new HashMap<>();
            for (long step = 0; step < run.getTotalSteps(); step++) {
                addRows(
                        test.client()
                                .getBatch(GetBatchRequest.newBuilder()
                                        .setRun("odd")
                                        .setStep(step)
                                        .setWithSources(true)
                                        .build()),
                        rowsBySource);
            }

            assertThat(rowsBySource.keySet()).isEqualTo(Set.copyOf(ODD));
            rowsBySource.forEach((source, rows) -> {
                String text = latin(source.repeat(REPEATED));
                assertThat(rows).hasSizeGreaterThan(4).allMatch(text::contains);
            });
            assertThat(sourcesOfThePage(ops)).isEqualTo(Set.copyOf(ODD));
        }
    }

    /// Each odd text is its own source and stands once as it is and once with JSON's escapes.
    private static byte[] lines() throws IOException {
        ObjectMapper plain = new ObjectMapper();
        ObjectMapper escaping = new ObjectMapper(
                JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build());
        StringBuilder lines = new StringBuilder();
        for (String odd : ODD) {
            lines.append(line(plain, odd, "plain")).append(line(escaping, odd, "escaped"));
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String line(ObjectMapper mapper, String odd, String id) throws IOException {
        return mapper.writeValueAsString(Map.of("id", odd + id, "source", odd, "text", odd.repeat(REPEATED))) + '\n';
    }

    /// A row may begin and end within a character, so it is compared as bytes, each as a character.
    private static void addRows(Batch batch, Map<String, Set<String>> rowsBySource) {
        assertThat(batch.getTokenWidth()).isEqualTo(Short.BYTES);
        ByteBuffer tokens = batch.getTokens().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        for (int row = 0; row < batch.getRows(); row++) {
            StringBuilder bytes = new StringBuilder();
            for (int i = 0; i < batch.getRowTokens(); i++) {
                int id = tokens.getShort();
                if (id != END_OF_TEXT) {
                    bytes.append((char) id);
                }
            }
            rowsBySource
                    .computeIfAbsent(batch.getSources(batch.getRowSources(row)), _ -> new HashSet<>())
                    .add(bytes.toString());
        }
    }

    private static String latin(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static Set<String> sourcesOfThePage(OpsServer ops) throws IOException, InterruptedException {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://" + ops.address() + "/live?run=odd"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        Set<String> sources = new HashSet<>();
        new ObjectMapper()
                .readTree(answer.body())
                .path("run")
                .path("pools")
                .forEach(pool -> sources.add(pool.path("source").asText()));
        return sources;
    }
}
