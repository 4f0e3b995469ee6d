package dev.dyadic.deploy.endtoend;

import dev.dyadic.ingest.Ingest;
import dev.dyadic.ingest.IngestProgress;
import dev.dyadic.ingest.IngestReport;
import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.Fields;
import dev.dyadic.ingest.format.ReadSettings;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Documents for tests, made from a seed, and their way onto Kafka.
final class Texts {
    private Texts() {}

    record Text(String id, String source, String text) {
        String json() {
            return "{\"id\": \"" + id + "\", \"source\": \"" + source + "\", \"text\": \"" + text + "\"}";
        }
    }

    /// Of lengths between 40 and 900 letters.
    static List<Text> make(String prefix, int count, long seed) {
        Random random = new Random(seed);
        List<Text> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder text = new StringBuilder();
            int length = 40 + random.nextInt(860);
            while (text.length() < length) {
                text.append((char) ('a' + random.nextInt(26)));
            }
            texts.add(new Text(prefix + i, random.nextInt(3) == 0 ? "code" : "web", text.toString()));
        }
        return texts;
    }

    static IngestReport publish(Cluster cluster, Topics topics, List<Text> texts) {
        return publish(cluster, topics, lines(texts));
    }

    static byte[] lines(List<Text> texts) {
        return String.join("\n", texts.stream().map(Text::json).toList()).getBytes(StandardCharsets.UTF_8);
    }

    static IngestReport publish(Cluster cluster, Topics topics, byte[] lines) {
        return publish(cluster, topics, lines, Limits.MAX_TEXT_BYTES);
    }

    /// Splits what is longer than a part.
    static IngestReport publish(Cluster cluster, Topics topics, byte[] lines, int maxPartBytes) {
        DocumentRules rules = new DocumentRules(
                Fields.DEFAULT,
                "test",
                Math.min(100 * maxPartBytes, Limits.MAX_TEXT_BYTES),
                maxPartBytes,
                InstantSource.system());
        try (Ingest ingest = Ingest.direct(cluster, topics, ReadSettings.of(rules))) {
            ingest.read(Input.stream("test", new ByteArrayInputStream(lines)), IngestProgress.NONE);
            return ingest.flush();
        }
    }
}
