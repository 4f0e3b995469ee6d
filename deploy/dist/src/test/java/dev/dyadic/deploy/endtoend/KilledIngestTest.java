package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.Topics;
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
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An ingest that is killed again and again in the middle of its work, and started again: nothing is lost or doubled.
class KilledIngestTest {
    private static final long LOOK_NANOS = 5_000_000;
    private static final String FILLER = "and words that fill it up until it is long enough for this ".repeat(12);

    @TempDir
    private static Path directory = Path.of("");

    private static TestStack test = null;
    private static List<TopicPartition> partitions = List.of();
    private static Consumer<byte[], byte[]> ends = null;

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void start() {
        test = new TestStack(directory);
        partitions = IntStream.range(0, TestStack.PARTITIONS)
                .mapToObj(partition -> new TopicPartition(topics().documents(), partition))
                .toList();
        ends = cluster().consumer(Map.of());
    }

    @AfterAll
    static void stop() {
        ends.close();
        test.close();
    }

    @Test
    void nothingIsLostOrDoubledByKill9InTheMiddleOfEachKind() throws IOException, InterruptedException {
        // In the order of their names, which is that of reading.
        List<Kind> kinds = List.of(arrayOfJson(), jsonLines(), parquet(), textFiles(), warc());

        long before = 0;
        for (Kind kind : kinds) {
            Process process = ingest();
            long middle = before + kind.documents / 2;
            while (process.isAlive() && end() < middle) {
                LockSupport.parkNanos(LOOK_NANOS);
            }
            assertThat(process.isAlive())
                    .as("it is killed in the middle of %s", kind.prefix)
                    .isTrue();
            // On Unix this is SIGKILL.
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            before += kind.documents;
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

    /// @param prefix of the ids
    /// @param times how often each id comes
    private record Kind(String prefix, int documents, int times) {}

    private Kind arrayOfJson() throws IOException {
        int documents = 20_000;
        Files.writeString(
                folder.resolve("array.json"),
                IntStream.range(0, documents)
                        .mapToObj(
                                i -> "  {\n    \"id\": \"array-" + i + "\",\n    \"text\": \"" + FILLER + i + "\"\n  }")
                        .toList()
                        .toString());
        return new Kind("array-", documents, 1);
    }

    private Kind jsonLines() throws IOException {
        int documents = 20_000;
        try (OutputStream out = Files.newOutputStream(folder.resolve("json.jsonl.gz"))) {
            for (int from = 0; from < documents; from += 1000) {
                GZIPOutputStream member = new GZIPOutputStream(out);
                for (int i = from; i < from + 1000; i++) {
                    member.write(("{\"id\": \"json-" + i + "\", \"text\": \"" + FILLER + i + "\"}\n")
                            .getBytes(StandardCharsets.UTF_8));
                }
                member.finish();
            }
        }
        return new Kind("json-", documents, 1);
    }

    private Kind parquet() throws IOException {
        int files = 150;
        byte[] file = Files.readAllBytes(Path.of("../../ingest/src/test/resources/files/pyarrow-plain.parquet"));
        for (int i = 0; i < files; i++) {
            Files.write(folder.resolve("part-%05d.parquet".formatted(i)), file);
        }
        return new Kind("doc-", 90 * files, files);
    }

    private Kind textFiles() throws IOException {
        int documents = 4_000;
        for (int i = 0; i < documents; i++) {
            Path file = folder.resolve("text-" + i % 10 + "/" + i + ".md");
            Files.createDirectories(file.getParent());
            Files.writeString(file, FILLER + i);
        }
        return new Kind("text-", documents, 1);
    }

    private Kind warc() throws IOException {
        int documents = 20_000;
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
        return new Kind("warc-", documents, 1);
    }

    /// Offsets taken on all partitions.
    private static long end() {
        return ends.endOffsets(partitions).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private Process ingest() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx300m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.dyadic.deploy.commands.Dyadic",
                "ingest",
                folder.toString(),
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
