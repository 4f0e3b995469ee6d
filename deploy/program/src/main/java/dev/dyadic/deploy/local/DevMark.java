package dev.dyadic.deploy.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dyadic.proto.DirectoryLock;
import dev.dyadic.proto.DyadicException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes a directory that of one `dyadic dev`: a lock, which says whether one runs, and a small file, which says that
/// the
/// directory is one of ours and which process to ask to end.
public final class DevMark implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DevMark.class);
    private static final String FILE = "dev.json";
    /// What [LocalStack] keeps in the directory.
    private static final List<String> PARTS = List.of("broker", "decomposer", "sampler");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final DirectoryLock lock;

    private DevMark(DirectoryLock lock) {
        this.lock = lock;
    }

    /// Takes a directory for this process, until it is closed; before anything is made in it.
    ///
    /// @throws DyadicException where another process has it, or it cannot be written
    public static DevMark set(Path data) {
        ProcessHandle self = ProcessHandle.current();
        ObjectNode facts = JSON.createObjectNode().put("pid", self.pid());
        self.info().startInstant().map(Instant::toEpochMilli).ifPresent(millis -> facts.put("startedMillis", millis));
        DirectoryLock lock = lock(data);
        try {
            Files.writeString(data.resolve(FILE), facts.toString());
            return new DevMark(lock);
        } catch (IOException e) {
            unlock(lock);
            throw new DyadicException(
                    DyadicException.Kind.OUTSIDE, "cannot write " + data.resolve(FILE) + ": " + e.getMessage(), e);
        }
    }

    /// The process that has the directory, as far as that can be told; empty where none does, or where it is not
    /// certain which. A process that has the number of one that was killed is told by when it started.
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
            throw new DyadicException(DyadicException.Kind.OUTSIDE, "cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /// Whether `dyadic dev` has made a directory.
    public static boolean isData(Path data) {
        return Files.isRegularFile(data.resolve(FILE));
    }

    /// Deletes what `dyadic dev` has made in a directory, and the directory where nothing else is in it.
    ///
    /// @return whether the directory is gone
    /// @throws DyadicException where a process has it
    public static boolean delete(Path data) {
        DirectoryLock lock = lock(data);
        try {
            PARTS.forEach(part -> Directories.delete(data.resolve(part)));
            Files.deleteIfExists(data.resolve(FILE));
            Files.deleteIfExists(data.resolve(DirectoryLock.FILE));
            try (Stream<Path> rest = Files.list(data)) {
                if (rest.findAny().isPresent()) {
                    return false;
                }
            }
            Files.delete(data);
            return true;
        } catch (IOException e) {
            throw new DyadicException(DyadicException.Kind.OUTSIDE, "cannot delete " + data + ": " + e, e);
        } finally {
            unlock(lock);
        }
    }

    private static DirectoryLock lock(Path data) {
        try {
            return DirectoryLock.acquire(data);
        } catch (IOException e) {
            throw new DyadicException(DyadicException.Kind.OUTSIDE, String.valueOf(e.getMessage()), e);
        }
    }

    private static void unlock(DirectoryLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.warn("a directory stays locked until this process ends", e);
        }
    }

    @Override
    public void close() {
        unlock(lock);
    }
}
