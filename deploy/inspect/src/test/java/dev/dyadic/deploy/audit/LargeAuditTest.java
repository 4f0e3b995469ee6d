package dev.dyadic.deploy.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.deploy.history.KafkaHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An audit of many rows keeps them on disk. The number is small here; `main` takes any, to see what memory it needs:
///
///     java -Xmx512m -cp ... dev.dyadic.deploy.audit.LargeAuditTest 100000000 /var/tmp
class LargeAuditTest {
    private static final int PARTITIONS = 4;
    private static final long ROWS = 200_000;

    @Test
    void everyLawHoldsAndNothingIsLeftOnTheDisk(@TempDir Path directory) throws IOException {
        AuditReport report = audit(ROWS, directory);

        assertThat(report.ok()).as("%s", report).isTrue();
        assertThat(report.laws().getFirst().detail()).startsWith("20000 documents = 20000 decomposed + 0 rejected;");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    private static AuditReport audit(long rows, Path spill) {
        LargeHistory history = new LargeHistory(PARTITIONS, rows / PARTITIONS / 10);
        return Audit.of(
                history,
                LargeHistory.RUN,
                Audit.Served.nothing(),
                new Audit.Settings(spill, 0, KafkaHistory.Progress.NONE));
    }

    public static void main(String[] arguments) throws IOException {
        long began = System.nanoTime();
        AuditReport report = audit(Long.parseLong(arguments[0]), Path.of(arguments[1]));
        System.out.printf(
                "%s rows: %s, %d s; heap at most %d MiB%n",
                arguments[0],
                report.ok() ? "every law holds" : report,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began),
                Runtime.getRuntime().maxMemory() >> 20);
        Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM") || line.startsWith("RssAnon") || line.startsWith("RssFile"))
                .forEach(System.out::println);
    }
}
