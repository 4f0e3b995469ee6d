package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.local.Directories;
import dev.dyadic.sampler.Sampler;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.Batch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that is really full, a sampler's and that of an export: a small file system, where one can be mounted.
class FullDiskTest {
    private static final long PATIENCE_SECONDS = 30;
    private static final int DISK_KIB = 2048;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void replicationPausesAndSaysSoAndGoesOnByItself() throws Exception {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=" + DISK_KIB + "k", "tmpfs", disk.toString()));
        try (TestStack test = new TestStack(directory.resolve("stack"))) {
            Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), Texts.make("a-", 300, 1));
            test.client().openRun("early", TestStack.bounded(1, 1).build());
            Sampler sampler = test.replica(disk.resolve("rows"));
            try (SamplerClient client = new SamplerClient(sampler.address(), 0)) {
                Batch early = await(client, "early", 0);
                Path ballast = fill(disk);
                Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), Texts.make("b-", 3000, 2));
                test.client().openRun("late", TestStack.bounded(1, 1).build());

                awaitStall(client, "No space left on device");
                assertThat(sampler.ended()).isNotDone();
                assertThat(sampler.notReady()).isEmpty();
                assertThat(TestStack.get(client, "early", 0)).isEqualTo(early);
                assertThatThrownBy(() -> TestStack.get(client, "late", 0))
                        .hasMessageContaining("this replica has read");

                assertThat(run("mount", "-o", "remount,size=" + 64 * DISK_KIB + "k", disk.toString()))
                        .isTrue();
                Files.delete(ballast);
                Batch late = await(client, "late", 0);

                assertThat(late.getTokens())
                        .isEqualTo(TestStack.get(test.client(), "late", 0).getTokens());
                for (long step = 0; step < client.describeRun("late").getStepsPlanned(); step++) {
                    assertThat(TestStack.get(client, "late", step).getTokens())
                            .isEqualTo(
                                    TestStack.get(test.client(), "late", step).getTokens());
                }
                awaitNoStall(client);
            } finally {
                sampler.close();
            }
        } finally {
            run("umount", disk.toString());
        }
    }

    @Test
    void anExportSaysSoAndGoesOnWithTheSameFiles() throws Exception {
        Path disk = Files.createDirectory(directory.resolve("small"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()));
        try (TestStack test = new TestStack(directory.resolve("stack"))) {
            Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), Texts.make("a-", 3000, 1));
            test.client().openRun("whole", TestStack.bounded(1, 1).build());
            for (String format : List.of("mds", "parquet")) {
                Path elsewhere = directory.resolve(format);
                assertThat(InProcess.run(export(test, format, elsewhere)).code())
                        .isZero();
                // Room for the first shard, and not for the second. One of MDS is there twice while it is finished.
                long shard = Files.size(elsewhere.resolve("shard-00000." + format));
                long room = shard + shard / 2 + (format.equals("mds") ? shard : 0);
                resize(disk, room);
                Path there = disk.resolve(format);
                List<String> export = export(test, format, there);

                InProcess.Result full = InProcess.run(export);
                assertThat(full.code()).isEqualTo(ExitCodes.FAILED);
                assertThat(full.errors()).contains("No space left on device").doesNotContain("\tat ");
                assertThat(openBelow(disk)).as("files that were left open").isEmpty();
                resize(disk, 10 * room);
                JsonNode goneOn =
                        InProcess.run(InProcess.with(export, "-o", "json")).json();
                assertThat(goneOn.path("resumedAt").asLong())
                        .isBetween(1L, goneOn.path("endStep").asLong() - 1);

                assertThat(contents(there)).isEqualTo(contents(elsewhere));
                Directories.delete(there);
            }
        } finally {
            run("umount", disk.toString());
        }
    }

    private static void resize(Path disk, long bytes) throws IOException, InterruptedException {
        assertThat(run("mount", "-o", "remount,size=" + bytes, disk.toString())).isTrue();
    }

    private static List<String> export(TestStack test, String format, Path to) {
        String sampler = "--sampler=" + test.stack().samplerAddress();
        return List.of("export", "whole", sampler, "--format=" + format, "--to=" + to, "--shard-size=1Mi");
    }

    /// What this process has open there.
    private static List<Path> openBelow(Path folder) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(Files::isRegularFile)
                    .map(FullDiskTest::target)
                    .filter(path -> path.startsWith(folder))
                    .toList();
        }
    }

    private static Path target(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Digests of what is in a folder, by name.
    private static Map<String, String> contents(Path folder) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                digests.put(
                        folder.relativize(file).toString(),
                        MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString());
            }
        }
        return digests;
    }

    /// Fills what is left.
    private static Path fill(Path disk) {
        Path ballast = disk.resolve("ballast");
        try (var out = Files.newOutputStream(ballast)) {
            for (int i = 0; i < DISK_KIB; i++) {
                out.write(new byte[1024]);
            }
        } catch (IOException e) {
            // It is full now.
            return ballast;
        }
        throw new AssertionError("the disk takes more than it has");
    }

    private static Batch await(SamplerClient client, String run, long step) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            try {
                return TestStack.get(client, run, step);
            } catch (RuntimeException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
    }

    private static void awaitStall(SamplerClient client, String text) throws InterruptedException {
        await(client, stalls -> stalls.stream().anyMatch(stall -> stall.contains(text)));
    }

    private static void awaitNoStall(SamplerClient client) throws InterruptedException {
        await(client, List::isEmpty);
    }

    private static void await(SamplerClient client, Predicate<List<String>> until) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        List<String> stalls = stalls(client);
        while (!until.test(stalls)) {
            assertThat(System.nanoTime()).as("stalls: %s", stalls).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(100);
            stalls = stalls(client);
        }
    }

    private static List<String> stalls(SamplerClient client) {
        return client.describeCorpus().getStallsList().stream()
                .map(stall -> stall.getText())
                .toList();
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
