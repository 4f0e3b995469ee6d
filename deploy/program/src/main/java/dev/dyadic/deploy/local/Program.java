package dev.dyadic.deploy.local;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Another process of this program, with the same Java, class path and options.
public final class Program implements AutoCloseable {
    private static final String MAIN = "dev.dyadic.deploy.commands.Dyadic";
    private static final long STOP_SECONDS = 20;

    private final Process process;

    private Program(Process process) {
        this.process = process;
    }

    /// @param log where its output goes, at the end of what is there
    public static Program start(Path log, String... arguments) throws IOException {
        return start(log, List.of(), Map.of(), 0, arguments);
    }

    /// @param jvmOptions beside those of this process
    /// @param fileLimitKibibytes no file may grow beyond it; 0: no limit
    /// @param environment beside that of this process
    public static Program start(
            Path log,
            List<String> jvmOptions,
            Map<String, String> environment,
            long fileLimitKibibytes,
            String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        if (fileLimitKibibytes > 0) {
            command.addAll(List.of("bash", "-c", "ulimit -S -f " + fileLimitKibibytes + "; exec \"$@\"", "bash"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        boolean ownCollector = jvmOptions.stream().anyMatch(Program::isCollector);
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !ownCollector || !isCollector(option))
                .filter(option -> !option.startsWith("-javaagent"))
                .forEach(command::add);
        command.addAll(jvmOptions);
        command.add(MAIN);
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .start();
        return new Program(process);
    }

    private static boolean isCollector(String option) {
        return option.startsWith("-XX:+Use") && option.endsWith("GC");
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /// The exit code of a program that has ended.
    public int exitCode() {
        return process.exitValue();
    }

    public long pid() {
        return process.pid();
    }

    /// Kills it as `kill -9` does.
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
    }

    /// Sends a signal by name: STOP, CONT.
    public void signal(String signal) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .inheritIO()
                .start();
        kill.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
    }

    /// Takes away the bound on the size of its files.
    public void liftFileLimit() throws IOException, InterruptedException {
        Process lift = new ProcessBuilder("prlimit", "--pid", Long.toString(process.pid()), "--fsize=unlimited")
                .inheritIO()
                .start();
        lift.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
    }

    /// Asks it to end, and kills it where it does not.
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
