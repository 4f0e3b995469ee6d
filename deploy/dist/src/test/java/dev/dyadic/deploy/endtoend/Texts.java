package dev.dyadic.deploy.endtoend;

import dev.dyadic.ingest.Ingest;
import dev.dyadic.ingest.IngestProgress;
import dev.dyadic.ingest.IngestReport;
import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
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
        return publish(
                cluster,
                topics,
                String.join("\n", texts.stream().map(Text::json).toList()).getBytes(StandardCharsets.UTF_8));
    }

    static IngestReport publish(Cluster cluster, Topics topics, byte[] lines) {
        try (Ingest ingest = Ingest.direct(cluster, topics, "test")) {
            ingest.read(Input.stream("test", new ByteArrayInputStream(lines)), IngestProgress.NONE);
            return ingest.flush();
        }
    }
}
