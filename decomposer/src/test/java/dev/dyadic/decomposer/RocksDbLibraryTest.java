package dev.dyadic.decomposer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

class RocksDbLibraryTest {
    @TempDir
    private Path directory;

    @Test
    void thereIsOneCopyWhichIsMendedWhereItIsNotWhole() throws IOException, RocksDBException {
        RocksDbLibrary.load(directory);

        Path library = only();
        byte[] whole = Files.readAllBytes(library);
        assertThat(whole).hasSizeGreaterThan(1 << 20);
        try (Options options = new Options().setCreateIfMissing(true);
                RocksDB db = RocksDB.open(options, directory.resolve("db").toString())) {
            db.put(new byte[] {1}, new byte[] {2});
            assertThat(db.get(new byte[] {1})).containsExactly(2);
        }

        FileTime made = Files.getLastModifiedTime(library);
        RocksDbLibrary.load(directory);
        assertThat(Files.getLastModifiedTime(only())).isEqualTo(made);

        Files.delete(library);
        Files.write(library, new byte[] {1, 2, 3});
        RocksDbLibrary.load(directory);
        assertThat(Files.readAllBytes(only())).isEqualTo(whole);
    }

    private Path only() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("natives"))) {
            List<Path> found = files.toList();
            assertThat(found).hasSize(1);
            return found.getFirst();
        }
    }
}
