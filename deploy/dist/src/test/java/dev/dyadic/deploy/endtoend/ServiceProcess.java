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

/// A service in a process of its own, with as much memory as it is given; running out of it ends the process.
final class ServiceProcess implements AutoCloseable {
    private static final int DEV_HEAP_MIB = 700;

    private final Process process;
    private final Path log;
    private final JsonNode addresses;

    ServiceProcess(Path log, int heapMib, List<String> arguments) throws IOException {
        this(log, java(heapMib, arguments));
    }

    private ServiceProcess(Path log, List<String> command) throws IOException {
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
    static ServiceProcess container(Path log, String name, int memoryMib, List<String> arguments) throws IOException {
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
        return new ServiceProcess(log, command);
    }

    /// `dyadic dev`, on any ports.
    static ServiceProcess dev(Path log, Path data, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
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
                "-v",
                "-o",
                "json"));
        arguments.addAll(List.of(more));
        return new ServiceProcess(log, DEV_HEAP_MIB, arguments);
    }

    /// One more sampler of a stack, on any port.
    static ServiceProcess sampler(Path log, int heapMib, TestStack test, Path rows, String... more) throws IOException {
        return new ServiceProcess(log, heapMib, samplerArguments(test, rows, more));
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

    long pid() {
        return process.pid();
    }

    /// Waits until it has ended.
    int exitCode(long seconds) throws IOException, InterruptedException {
        awaitEnd(seconds);
        return process.exitValue();
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

    /// Kills it, on Unix with SIGKILL.
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    String log() throws IOException {
        return Files.readString(log);
    }
}
