package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.deploy.audit.Audit;
import dev.dyadic.deploy.audit.AuditReport;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.stats.CorpusStats;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.RunSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that is killed in the middle of its work, and started again over what it left.
class CrashTest {
    private static final Topics TOPICS = new Topics("dyadic", "main");
    /// A dead decomposer keeps its partitions and its transaction for a while.
    private static final long WAIT_MILLIS = 120_000;

    private static final String[] CORPUS = {
        "--tokenizer", "bytes", "--min-length", "32", "--max-length", "256", "--partitions", "2"
    };
    private static final int LINES_SHOWN = 300;

    private static final RunSpec LIVE = TestStack.live(6).build();

    @TempDir
    private Path directory = Path.of("");

    @Test
    void nothingIsLostDoubledOrChangedByKill9() throws IOException, InterruptedException {
        List<Batch> served = new ArrayList<>();
        int published = 0;
        for (int life = 0; life < 3; life++) {
            Path log = directory.resolve("life-" + life + ".log");
            try (ServiceProcess dev = ServiceProcess.dev(log, directory.resolve("data"), CORPUS)) {
                Cluster cluster = Cluster.at(dev.address("kafka"));
                try (SamplerClient client = new SamplerClient(dev.address("sampler"), WAIT_MILLIS)) {
                    client.openRun("live", LIVE);
                    for (int step = 0; step < served.size(); step++) {
                        assertThat(TestStack.get(client, "live", step)).isEqualTo(served.get(step));
                    }
                    published += (int) Texts.publish(cluster, TOPICS, Texts.make("life-" + life + "-", 150, life))
                            .accepted();
                    for (int i = 0; i < 10; i++) {
                        served.add(TestStack.get(client, "live", served.size()));
                    }
                    if (life == 2) {
                        client.openRun("all", TestStack.bounded(1, 1).build());
                        checkHistory(cluster, client, published);
                    }
                }
            } catch (DyadicException e) {
                List<String> lines = Files.readAllLines(log);
                String end = String.join("\n", lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size()));
                throw new AssertionError("in life " + life + ", which wrote at its end:\n" + end, e);
            }
            // It was killed, and the documents of this life were still on their way.
        }
    }

    private static void checkHistory(Cluster cluster, SamplerClient client, int published) {
        Corpus corpus = Corpus.open(cluster, TOPICS, Optional.empty());
        try (KafkaHistory history = new KafkaHistory(cluster, corpus, KafkaHistory.Progress.NONE)) {
            CorpusStats stats = CorpusStats.of(history);
            assertThat(stats.documents().accepted()).isEqualTo(published);
            assertThat(stats.documents().decomposed() + stats.documents().rejected())
                    .isEqualTo(published);
            AuditReport report = Audit.of(
                    history,
                    "live",
                    step -> Optional.of(TestStack.get(client, "live", step).getDigest()));
            assertThat(report.ok()).as("%s", report).isTrue();
        }
    }
}
