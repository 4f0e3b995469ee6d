package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        Path log = directory.resolve("log");
        try (ServiceProcess dev =
                ServiceProcess.dev(log, data, "--tokenizer", "bytes", "--max-length", "256", "--partitions", "2")) {
            assertThat(InProcess.run("down", "--data", data.toString(), "-o", "json")
                            .json()
                            .path("ended")
                            .asLong())
                    .isEqualTo(dev.pid());
            assertThat(dev.exitCode(WAIT_SECONDS)).isEqualTo(143);
            assertThat(data).isDirectory();
        }
        try (ServiceProcess dev = ServiceProcess.dev(log, data)) {
            JsonNode corpus = InProcess.run("corpus", "describe", "--kafka", dev.address("kafka"), "-o", "json")
                    .json();
            assertThat(corpus.path("tokenizer").asText()).isEqualTo("bytes");
            assertThat(corpus.path("maxLength").asInt()).isEqualTo(256);
            assertThat(InProcess.run("down", "--data", data.toString(), "--delete")
                            .errors())
                    .contains("There is nobody to ask: give --yes");
            // It was asked before anything was done.
            dev.requireWell();
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
        try (ServiceProcess dev = ServiceProcess.dev(log, disk.resolve("data"), "--tokenizer", "bytes")) {
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

            InProcess.Result ingested = InProcess.run(
                    "ingest",
                    "--kafka",
                    dev.address("kafka"),
                    "--kafka-config",
                    impatient.toString(),
                    texts.toString());

            assertThat(ingested.code()).isNotZero();
            assertThat(dev.exitCode(WAIT_SECONDS)).isEqualTo(1);
            assertThat(dev.log())
                    .contains("dyadic: Kafka has ended: the disk of " + disk.resolve("data") + " is full; make room");
        } finally {
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
}
