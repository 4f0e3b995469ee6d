package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.ingest.job.JobTopic;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.avro.IngestPosition;
import dev.dyadic.proto.kafka.Cluster;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An ingest that is killed again and again in the middle of its work, and started again: nothing is lost or doubled.
class KilledIngestTest {
    private static final long LOOK_NANOS = 50_000_000;
    private static final String JOB = "killed";
    private static final String FILLER = "and words that fill it up until it is long enough for this ".repeat(12);

    @TempDir
    private static Path directory = Path.of("");

    private static TestStack test = null;

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void start() {
        test = new TestStack(directory);
    }

    @AfterAll
    static void stop() {
        test.close();
    }

    @Test
    void nothingIsLostOrDoubledByKill9InTheMiddleOfEachKind() throws IOException, InterruptedException {
        // In the order of their names, which is that of reading.
        List<Kind> kinds = List.of(arrayOfJson(), jsonLines(), parquet(), textFiles(), warc());

        for (Kind kind : kinds) {
            Process process = ingest();
            while (process.isAlive() && accepted(kind) < kind.documents / 4) {
                LockSupport.parkNanos(LOOK_NANOS);
            }
            // On Unix this is SIGKILL.
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            assertThat(accepted(kind))
                    .as("it is killed in the middle of %s", kind.prefix)
                    .isBetween(1L, kind.documents - 1L);
        }
        Process last = ingest();
        assertThat(last.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(last.exitValue()).isZero();

        for (Kind kind : kinds) {
            Map<String, Integer> published = IngestJobTest.published(cluster(), topics(), kind.prefix);
            assertThat(published)
                    .as(kind.prefix)
                    .hasSize(kind.documents / kind.times)
                    .allSatisfy((_, count) -> assertThat(count).isEqualTo(kind.times));
        }
    }

    /// @param file how the names of its files or folders begin
    /// @param prefix of the ids
    /// @param times how often each id comes
    private record Kind(String file, String prefix, int documents, int times) {}

    private Kind arrayOfJson() throws IOException {
        int documents = 4_000;
        Files.writeString(
                folder.resolve("array.json"),
                IntStream.range(0, documents)
                        .mapToObj(
                                i -> "  {\n    \"id\": \"array-" + i + "\",\n    \"text\": \"" + FILLER + i + "\"\n  }")
                        .toList()
                        .toString());
        return new Kind("array", "array-", documents, 1);
    }

    private Kind jsonLines() throws IOException {
        int documents = 4_000;
        try (OutputStream out = Files.newOutputStream(folder.resolve("json.jsonl.gz"))) {
            for (int from = 0; from < documents; from += 500) {
                GZIPOutputStream member = new GZIPOutputStream(out);
                for (int i = from; i < from + 500; i++) {
                    member.write(("{\"id\": \"json-" + i + "\", \"text\": \"" + FILLER + i + "\"}\n")
                            .getBytes(StandardCharsets.UTF_8));
                }
                member.finish();
            }
        }
        return new Kind("json.", "json-", documents, 1);
    }

    private Kind parquet() throws IOException {
        int files = 40;
        byte[] file = Files.readAllBytes(Path.of("../../ingest/src/test/resources/files/pyarrow-plain.parquet"));
        for (int i = 0; i < files; i++) {
            Files.write(folder.resolve("part-%05d.parquet".formatted(i)), file);
        }
        return new Kind("part-", "doc-", 90 * files, files);
    }

    private Kind textFiles() throws IOException {
        int documents = 2_000;
        for (int i = 0; i < documents; i++) {
            Path file = folder.resolve("text-" + i % 10 + "/" + i + ".md");
            Files.createDirectories(file.getParent());
            Files.writeString(file, FILLER + i);
        }
        return new Kind("text-", "text-", documents, 1);
    }

    private Kind warc() throws IOException {
        int documents = 4_000;
        try (OutputStream out = Files.newOutputStream(folder.resolve("warc.warc.wet.gz"))) {
            for (int i = 0; i < documents; i++) {
                byte[] text = (FILLER + i).getBytes(StandardCharsets.UTF_8);
                GZIPOutputStream member = new GZIPOutputStream(out);
                member.write(("WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <warc-" + i
                                + ">\r\nContent-Type: text/plain\r\nContent-Length: " + text.length + "\r\n\r\n")
                        .getBytes(StandardCharsets.UTF_8));
                member.write(text);
                member.write("\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                member.finish();
            }
        }
        return new Kind("warc.", "warc-", documents, 1);
    }

    /// Documents of a kind that are committed, as the job says.
    private static long accepted(Kind kind) {
        return new JobTopic(cluster(), topics())
                .read().getOrDefault(JOB, Map.of()).values().stream()
                        .filter(position -> position.getInput().contains("/" + kind.file))
                        .mapToLong(IngestPosition::getAccepted)
                        .sum();
    }

    private Process ingest() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx300m",
                // So slow that there is a middle of everything.
                "-Xint",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.dyadic.deploy.commands.Dyadic",
                "ingest",
                folder.toString(),
                "--job",
                JOB,
                "--id-from-path",
                "{path}",
                "--kafka",
                cluster().bootstrap(),
                "--prefix",
                topics().prefix()));
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static Cluster cluster() {
        return test.stack().cluster();
    }

    private static Topics topics() {
        return test.stack().corpus().topics();
    }
}
