package dev.dyadic.deploy.faults;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// What processes wrote last: whoever reads a report may not get at the machine.
final class LogEnds {
    static final int BYTES = 8_000;
    /// Brokers have theirs two folders down.
    private static final int DEPTH = 3;

    private LogEnds() {}

    /// @param tell each line
    static void tell(Path directory, Consumer<String> tell) {
        try (Stream<Path> files = Files.walk(directory, DEPTH)) {
            for (Path log : files.filter(file -> file.toString().endsWith(".log"))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList()) {
                tell.accept("the end of " + directory.relativize(log) + ":");
                end(log).forEach(tell);
            }
        } catch (IOException | UncheckedIOException e) {
            tell.accept("the logs cannot be read: " + e);
        }
    }

    private static List<String> end(Path log) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            byte[] bytes = new byte[(int) Math.min(file.length(), BYTES)];
            file.seek(file.length() - bytes.length);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8).lines().toList();
        }
    }
}
