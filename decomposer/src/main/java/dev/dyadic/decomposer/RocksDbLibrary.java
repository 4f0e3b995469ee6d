package dev.dyadic.decomposer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// RocksDB's native library, kept in the directory of the decomposer's state: one copy, made once. By itself RocksDB
/// unpacks one at each start, which stays in the directory for temporary files where the process is killed.
final class RocksDbLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(RocksDbLibrary.class);
    private static final String DIRECTORY = "natives";

    private RocksDbLibrary() {}

    /// Loads it, where it is not loaded yet.
    static void load(Path stateDir) {
        Path directory = stateDir.resolve(DIRECTORY);
        try {
            unpack(directory);
            RocksDB.loadLibrary(List.of(directory.toAbsolutePath().toString()));
        } catch (IOException | UnsatisfiedLinkError e) {
            // Where the directory is full, or nothing may be executed there, RocksDB's own way is left.
            LOG.warn("RocksDB's library is not loaded from {}: {}", directory, e.toString());
        }
    }

    /// What is there is kept where it is the same; a process that has loaded another one keeps that.
    private static void unpack(Path directory) throws IOException {
        byte[] library;
        try (InputStream in =
                RocksDB.class.getClassLoader().getResourceAsStream(Environment.getJniLibraryFileName("rocksdb"))) {
            if (in == null) {
                throw new IOException("RocksDB's jar has no library for this system");
            }
            library = in.readAllBytes();
        }
        // The name that RocksDB looks for in a directory; it is another one than in its jar.
        Path target = directory.resolve(Environment.getJniLibraryFileName("rocksdbjni"));
        if (!Files.exists(target) || !Arrays.equals(Files.readAllBytes(target), library)) {
            Files.createDirectories(directory);
            Path written = Files.createTempFile(directory, "unpacked", ".tmp");
            try {
                Files.write(written, library);
                Files.move(written, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(written);
            }
        }
    }
}
