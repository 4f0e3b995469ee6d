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
    private static final int KILLS = 3;
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
    void jsonLinesInManyMembers() throws IOException, InterruptedException {
        int documents = 40_000;
        try (OutputStream out = Files.newOutputStream(folder.resolve("a.jsonl.gz"))) {
            for (int from = 0; from < documents; from += 1000) {
                GZIPOutputStream member = new GZIPOutputStream(out);
                for (int i = from; i < from + 1000; i++) {
                    member.write(("{\"id\": \"json-" + i + "\", \"text\": \"" + FILLER + i + "\"}\n")
                            .getBytes(StandardCharsets.UTF_8));
                }
                member.finish();
            }
        }

        checkKilled("json-", documents);
    }

    @Test
    void anArrayOfJson() throws IOException, InterruptedException {
        int documents = 40_000;
        Files.writeString(
                folder.resolve("a.json"),
                IntStream.range(0, documents)
                        .mapToObj(
                                i -> "  {\n    \"id\": \"array-" + i + "\",\n    \"text\": \"" + FILLER + i + "\"\n  }")
                        .toList()
                        .toString());

        checkKilled("array-", documents);
    }

    @Test
    void warc() throws IOException, InterruptedException {
        int documents = 20_000;
        try (OutputStream out = Files.newOutputStream(folder.resolve("a.warc.wet.gz"))) {
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

        checkKilled("warc-", documents);
    }

    @Test
    void textFiles() throws IOException, InterruptedException {
        int documents = 8_000;
        for (int i = 0; i < documents; i++) {
            Path file = folder.resolve("text-" + i % 10 + "/" + i + ".md");
            Files.createDirectories(file.getParent());
            Files.writeString(file, FILLER + i);
        }

        checkKilled("text-", documents);
    }

    @Test
    void parquet() throws IOException, InterruptedException {
        // The same rows under other paths: each has to come as often as there are files.
        int files = 150;
        byte[] file = Files.readAllBytes(Path.of("../../ingest/src/test/resources/files/pyarrow-plain.parquet"));
        for (int i = 0; i < files; i++) {
            Files.write(folder.resolve("part-%05d.parquet".formatted(i)), file);
        }

        checkKilled("doc-", 90 * files);
    }

    private void checkKilled(String prefix, int documents) throws IOException, InterruptedException {
        long begin = end();
        int killed = 0;
        for (int life = 0; life < KILLS; life++) {
            Process process = ingest();
            long until = begin + documents * (life + 1L) / (KILLS + 2);
            while (process.isAlive() && end() < until) {
                Thread.onSpinWait();
            }
            killed += process.isAlive() ? 1 : 0;
            // On Unix this is SIGKILL.
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        Process last = ingest();
        assertThat(last.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(last.exitValue()).isZero();

        assertThat(killed)
                .as("how often it was killed in the middle of its work")
                .isEqualTo(KILLS);
        Map<String, Integer> published = IngestJobTest.published(cluster(), topics(), prefix);
        int times = prefix.equals("doc-") ? documents / 90 : 1;
        assertThat(published)
                .hasSize(documents / times)
                .allSatisfy((id, count) -> assertThat(count).isEqualTo(times));
    }

    /// Offsets taken on all partitions.
    private static long end() {
        List<TopicPartition> partitions = IntStream.range(0, TestStack.PARTITIONS)
                .mapToObj(partition -> new TopicPartition(topics().documents(), partition))
                .toList();
        try (Consumer<byte[], byte[]> consumer = cluster().consumer(Map.of())) {
            return consumer.endOffsets(partitions).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
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
