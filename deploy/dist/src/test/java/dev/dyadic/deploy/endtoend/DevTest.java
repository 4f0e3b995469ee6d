package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `dyadic dev` as a process, and `dyadic down`.
class DevTest {
    private static final long WAIT_SECONDS = 120;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void devTakesTheCorpusAsItWasMadeAndDownEndsIt() throws Exception {
        Path data = directory.resolve("data");
        Process first = start(data, "--tokenizer", "bytes", "--max-length", "256", "--partitions", "2");
        try {
            addresses(first);
            assertThat(InProcess.run("down", "--data", data.toString(), "-o", "json")
                            .json()
                            .path("ended")
                            .asLong())
                    .isEqualTo(first.pid());
            assertThat(first.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(first.exitValue()).isEqualTo(143);
            assertThat(data).isDirectory();
        } finally {
            first.destroyForcibly();
        }
        Process second = start(data);
        try {
            String kafka = addresses(second).path("kafka").asText();
            JsonNode corpus = InProcess.run("corpus", "describe", "--kafka", kafka, "-o", "json")
                    .json();
            assertThat(corpus.path("tokenizer").asText()).isEqualTo("bytes");
            assertThat(corpus.path("maxLength").asInt()).isEqualTo(256);
            assertThat(InProcess.run("down", "--data", data.toString(), "--delete")
                            .errors())
                    .contains("There is nobody to ask: give --yes");
            assertThat(second.isAlive()).as("asked before anything is done").isTrue();
            // Which process it is cannot be told any more; that one has it, can.
            byte[] mark = Files.readAllBytes(data.resolve("dev.json"));
            Files.writeString(data.resolve("dev.json"), "{}");
            InProcess.Result inUse = InProcess.run("down", "--data", data.toString(), "--delete", "--yes");
            assertThat(inUse.code()).isEqualTo(1);
            assertThat(inUse.errors()).contains("in use by another program");
            assertThat(data.resolve("broker")).isDirectory();
            Files.write(data.resolve("dev.json"), mark);
            Files.writeString(data.resolve("mine"), "stays");
            assertThat(InProcess.run("down", "--data", data.toString(), "--delete", "--yes", "-o", "json")
                            .json()
                            .path("deleted")
                            .asBoolean())
                    .isTrue();
            assertThat(data).isDirectoryContaining("glob:**/mine");
            assertThat(data.resolve("broker")).doesNotExist();
        } finally {
            second.destroyForcibly();
        }
        Path other = Files.createDirectories(directory.resolve("other").resolve("broker"))
                .getParent();
        assertThat(InProcess.run("down", "--data", other.toString(), "--delete", "--yes")
                        .errors())
                .contains("must be a directory that 'dyadic dev' has made");
        assertThat(other).isDirectory();
    }

    @Test
    void aFullDiskIsALineThatNamesTheDirectory() throws Exception {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", disk.toString()));
        Path log = directory.resolve("log");
        Process process = start(disk.resolve("data"), log, "--tokenizer", "bytes");
        try {
            String kafka = addresses(process).path("kafka").asText();
            // Blocks are kept for root on other file systems; here the rest of the disk is taken.
            long free = Files.getFileStore(disk).getUsableSpace();
            Files.write(disk.resolve("ballast"), new byte[(int) free - (2 << 20)]);
            Path texts = Files.writeString(
                    directory.resolve("texts.jsonl"),
                    ("{\"text\": \"" + "a long text ".repeat(100) + "\"}\n").repeat(10_000));

            // It would wait for minutes.
            Path impatient = Files.writeString(
                    directory.resolve("client.properties"),
                    "max.block.ms=5000\ndelivery.timeout.ms=5000\nrequest.timeout.ms=2000\n");

            InProcess.Result ingested =
                    InProcess.run("ingest", "--kafka", kafka, "--kafka-config", impatient.toString(), texts.toString());

            assertThat(ingested.code()).isNotZero();
            assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(1);
            assertThat(Files.readString(log))
                    .contains("dyadic: Kafka has ended: the disk of " + disk.resolve("data") + " is full; make room")
                    .doesNotContain("\tat ");
        } finally {
            process.destroyForcibly().waitFor(WAIT_SECONDS, TimeUnit.SECONDS);
            run("umount", disk.toString());
        }
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private Process start(Path data, String... more) throws IOException {
        return start(data, directory.resolve("log"), more);
    }

    private static Process start(Path data, Path log, String... more) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx700m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.dyadic.deploy.commands.Dyadic",
                "dev",
                "--data",
                data.toString(),
                "--kafka-port",
                "0",
                "--sampler-port",
                "0",
                "--ingest-port",
                "0",
                "--ops",
                "127.0.0.1:0",
                "-o",
                "json"));
        line.addAll(List.of(more));
        return new ProcessBuilder(line).redirectError(log.toFile()).start();
    }

    private static JsonNode addresses(Process process) throws IOException {
        // Not closed: that would close the process's output.
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = output.readLine();
        assertThat(line).as("the program printed its addresses").isNotNull();
        return new ObjectMapper().readTree(line);
    }
}
