package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

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

/// A service in a process of its own, with little memory; running out of it ends the process.
final class SmallHeap implements AutoCloseable {
    private final Process process;
    private final Path log;
    private final JsonNode addresses;

    SmallHeap(Path log, int heapMib, List<String> arguments) throws IOException {
        this(log, java(heapMib, arguments));
    }

    private SmallHeap(Path log, List<String> command) throws IOException {
        this.log = log;
        this.process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        // Not closed: that would close the process's output.
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = output.readLine();
        assertThat(line).as("the program printed its addresses: %s", log()).isNotNull();
        this.addresses = new ObjectMapper().readTree(line);
    }

    private static List<String> java(int heapMib, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx" + heapMib + "m",
                "-XX:MaxDirectMemorySize=" + heapMib + "m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.dyadic.deploy.commands.Dyadic"));
        command.addAll(arguments);
        return command;
    }

    /// Our image, in a container that is killed where it takes more memory than that, without swap.
    static SmallHeap container(Path log, String name, int memoryMib, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "docker",
                "run",
                "--rm",
                "--name",
                name,
                "--network",
                "host",
                "--memory",
                memoryMib + "m",
                "--memory-swap",
                memoryMib + "m",
                Docker.image()));
        command.addAll(arguments);
        return new SmallHeap(log, command);
    }

    /// One more sampler of a stack, on any port.
    static SmallHeap sampler(Path log, int heapMib, TestStack test, Path rows, String... more) throws IOException {
        return new SmallHeap(log, heapMib, samplerArguments(test, rows, more));
    }

    static List<String> samplerArguments(TestStack test, Path rows, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "sample",
                "--kafka",
                test.stack().cluster().bootstrap(),
                "--prefix",
                test.stack().corpus().topics().prefix(),
                "--data",
                rows.toString(),
                "--port",
                "0",
                "-o",
                "json"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    /// host:port
    String address(String of) {
        return addresses.path(of).asText();
    }

    int port(String of) {
        String address = address(of);
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /// The most memory that the process has had, in MiB.
    long peakMib() throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                        .filter(line -> line.startsWith("VmHWM"))
                        .map(line -> line.replaceAll("\\D", ""))
                        .mapToLong(Long::parseLong)
                        .findFirst()
                        .orElseThrow()
                >> 10;
    }

    /// Sends a signal, such as STOP or CONT.
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /// Waits until it has ended by itself.
    ///
    /// @return what it logged
    String awaitEnd(long seconds) throws IOException, InterruptedException {
        assertThat(process.waitFor(seconds, TimeUnit.SECONDS))
                .as("the process ends: %s", log())
                .isTrue();
        return log();
    }

    /// It lives, and no part of it ran out of memory.
    void requireWell() throws IOException {
        assertThat(process.isAlive()).as("the process lives: %s", log()).isTrue();
        assertThat(log()).doesNotContain("OutOfMemoryError", "OutOfDirectMemoryError");
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String log() throws IOException {
        return Files.readString(log);
    }
}
