package dev.dyadic.deploy.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogEndsTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void theEndOfEveryLogIsToldAlsoThoseOfBrokers() throws Exception {
        Files.writeString(directory.resolve("sampler-0.log"), "x".repeat(LogEnds.BYTES) + "\nlast\n");
        Path broker = Files.createDirectories(directory.resolve("brokers").resolve("0"));
        Files.writeString(broker.resolve("broker-0.log"), "of a broker\n");
        Files.writeString(directory.resolve("data.seg"), "no log\n");
        List<String> told = new ArrayList<>();

        LogEnds.tell(directory, told::add);

        assertThat(told)
                .containsSubsequence(
                        "the end of brokers/0/broker-0.log:", "of a broker", "the end of sampler-0.log:", "last")
                .doesNotContain("no log");
        assertThat(told).allMatch(line -> line.length() < LogEnds.BYTES);

        LogEnds.tell(directory.resolve("nowhere"), told::add);
        assertThat(told.getLast()).startsWith("the logs cannot be read");
    }
}
