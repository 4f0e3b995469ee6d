package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.deploy.AwaitDecomposed;
import dev.dyadic.deploy.broker.EmbeddedBroker;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.stats.CorpusStats;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A decomposer of a small heap gets through the largest documents of texts that stop others, and what comes after.
class HostileTextTest {
    private static final Topics TOPICS = new Topics("dyadic", "main");
    private static final int HEAP_MIB = 614;
    private static final List<String> UNITS =
            List.of("a", "^", " ", "\\n", "\\t", "7", "_", "日", "ก", "e\u0301\u0316", "\uD83D\uDC69\u200D", "aB", "^a");

    @TempDir
    private Path directory = Path.of("");

    @Test
    void everyTextHasItsOutcome() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("broker"), 0)) {
            Cluster cluster = Cluster.at(broker.bootstrap());
            Corpus corpus = Corpus.init(
                    cluster,
                    TOPICS,
                    TestStack.settings("cl100k_base", Buckets.ofLengths(64, 8192), 2),
                    Optional.empty(),
                    InstantSource.system());
            publish(cluster);

            try (ServiceProcess decomposer = new ServiceProcess(
                    directory.resolve("decompose.log"),
                    HEAP_MIB,
                    List.of(
                            "decompose",
                            "-o",
                            "json",
                            "--kafka",
                            broker.bootstrap(),
                            "--data",
                            directory.resolve("decomposer").toString()))) {
                AwaitDecomposed.of(cluster, TOPICS, 2, Duration.ofMinutes(3));
                decomposer.requireWell();
            }

            try (KafkaHistory history = new KafkaHistory(cluster, corpus, KafkaHistory.Progress.NONE)) {
                CorpusStats stats = CorpusStats.of(history);
                assertThat(stats.documents().decomposed()).isEqualTo(UNITS.size() + 2);
                assertThat(stats.rejectsByReason()).isEmpty();
            }
        }
    }

    private static void publish(Cluster cluster) {
        List<Texts.Text> texts = new ArrayList<>();
        for (String unit : UNITS) {
            String character = unit.replace("\\n", "\n").replace("\\t", "\t");
            int bytes = character.getBytes(StandardCharsets.UTF_8).length;
            texts.add(new Texts.Text("hostile-" + texts.size(), "src", unit.repeat(Limits.MAX_TEXT_BYTES / bytes)));
        }
        byte[] random = new byte[Limits.MAX_TEXT_BYTES / 4 * 3];
        new Random(1).nextBytes(random);
        texts.add(new Texts.Text("base64", "src", Base64.getEncoder().encodeToString(random)));
        texts.add(new Texts.Text("after", "src", "What comes after the hostile ones. ".repeat(40)));
        assertThat(Texts.publish(cluster, TOPICS, texts).accepted()).isEqualTo(texts.size());
    }
}
