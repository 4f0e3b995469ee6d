package dev.dyadic.deploy.faults;

import dev.dyadic.deploy.local.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A program that somebody keeps running: started anew when it has ended, as an orchestrator does.
final class Victim implements AutoCloseable {
    /// Small and quick to start: several of them share a machine.
    private static final List<String> JVM_OPTIONS = List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final String name;
    private final Path log;
    private final List<String> arguments;
    private Map<String, String> environment = Map.of();
    private Optional<Program> program = Optional.empty();
    private boolean wanted;
    private int starts;

    Victim(String name, Path directory, String... arguments) {
        this.name = name;
        this.log = directory.resolve(name + ".log");
        this.arguments = List.of(arguments);
    }

    String name() {
        return name;
    }

    Path log() {
        return log;
    }

    synchronized int starts() {
        return starts;
    }

    synchronized void start() {
        start(Map.of());
    }

    /// Starts it, now and when it has ended by itself, with another environment.
    synchronized void start(Map<String, String> newEnvironment) {
        environment = newEnvironment;
        wanted = true;
        launch(0);
    }

    /// Starts it with a bound on the size of the files it writes.
    synchronized void startWithFileLimit(long kibibytes) {
        wanted = true;
        launch(kibibytes);
    }

    synchronized void liftFileLimit() throws IOException, InterruptedException {
        if (program.isPresent()) {
            program.get().liftFileLimit();
        }
    }

    /// Asks it to end, and waits; it stays down until it is started.
    synchronized void stop() {
        wanted = false;
        program.ifPresent(Program::close);
    }

    /// Starts it again if it has ended by itself.
    synchronized void keep() {
        if (wanted && program.map(running -> !running.isAlive()).orElse(true)) {
            launch(0);
        }
    }

    /// The same for a program that ends when its work is done.
    synchronized void keepUnlessDone() {
        if (wanted
                && program.map(running -> !running.isAlive() && running.exitCode() != 0)
                        .orElse(false)) {
            launch(0);
        }
    }

    /// Kills it as `kill -9` does; it stays down until it is started.
    synchronized void kill() throws InterruptedException {
        wanted = false;
        if (program.isPresent()) {
            program.get().kill();
        }
    }

    /// Kills it, whoever interrupts.
    void killAtLast() {
        try {
            kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized void signal(String signal) throws IOException, InterruptedException {
        if (program.isPresent()) {
            program.get().signal(signal);
        }
    }

    /// Whether it has done its work and ended.
    synchronized boolean isDone() {
        return program.map(running -> !running.isAlive() && running.exitCode() == 0)
                .orElse(false);
    }

    @Override
    public void close() {
        stop();
    }

    private void launch(long fileLimitKibibytes) {
        try {
            program = Optional.of(
                    Program.start(log, JVM_OPTIONS, environment, fileLimitKibibytes, arguments.toArray(String[]::new)));
            starts++;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + name, e);
        }
    }
}
