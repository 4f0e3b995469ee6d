package dev.dyadic.deploy.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// Which process keeps a data directory up, so that another one can end it: a small file in the directory.
public final class DevMark implements AutoCloseable {
    private static final String FILE = "dev.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    private DevMark(Path file) {
        this.file = file;
    }

    /// Marks a directory as that of this process, until it is closed.
    public static DevMark set(Path data) {
        ProcessHandle self = ProcessHandle.current();
        ObjectNode facts = JSON.createObjectNode().put("pid", self.pid());
        self.info().startInstant().map(Instant::toEpochMilli).ifPresent(millis -> facts.put("startedMillis", millis));
        Path file = data.resolve(FILE);
        try {
            Files.writeString(file, facts.toString());
        } catch (IOException e) {
            throw new InvalidException("cannot write " + file + ": " + e.getMessage(), e);
        }
        return new DevMark(file);
    }

    /// The process that keeps the directory up; empty where none does. One that has the number of a process that was
    /// killed is told by when it started.
    public static Optional<ProcessHandle> running(Path data) {
        Path file = data.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode facts = JSON.readTree(Files.readAllBytes(file));
            return ProcessHandle.of(facts.path("pid").asLong())
                    .filter(ProcessHandle::isAlive)
                    .filter(process -> process.info()
                            .startInstant()
                            .map(Instant::toEpochMilli)
                            .equals(Optional.of(facts.path("startedMillis").asLong())));
        } catch (IOException e) {
            throw new InvalidException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /// Whether a directory is one of ours, which can be deleted whole.
    public static boolean isData(Path data) {
        return Files.isDirectory(data.resolve("broker")) || Files.exists(data.resolve(FILE));
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new InvalidException("cannot delete " + file + ": " + e.getMessage(), e);
        }
    }
}
