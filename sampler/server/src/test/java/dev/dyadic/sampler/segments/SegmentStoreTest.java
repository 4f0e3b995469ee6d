package dev.dyadic.sampler.segments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.sampler.TestCorpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentStoreTest {
    private final TestCorpus corpus = new TestCorpus(1, 20);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void whatCannotBeOpenedLeavesNothingOpenOrLocked() throws IOException {
        corpus.fill(directory).close();
        Path last = directory
                .resolve(corpus.name(TestCorpus.BUCKETS.max()))
                .resolve(Integer.toString(TestCorpus.PARTITIONS - 1));
        Path aside = directory.resolve("aside");
        Files.move(last, aside);
        Files.writeString(last, "a file where a folder should be");
        long open = openFiles();

        assertThatThrownBy(() -> SegmentStore.open(directory, corpus.corpus)).isInstanceOf(StorageException.class);

        assertThat(openFiles()).isEqualTo(open);
        Files.delete(last);
        Files.move(aside, last);
        try (SegmentStore store = SegmentStore.open(directory, corpus.corpus)) {
            assertThat(store.partition(TestCorpus.BUCKETS.max(), 0).nextOffset())
                    .isEqualTo(corpus.end(TestCorpus.BUCKETS.max(), 0));
        }
    }

    @Test
    void aDirectoryIsForOneStoreAtATime() {
        try (SegmentStore _ = corpus.fill(directory)) {
            assertThatThrownBy(() -> SegmentStore.open(directory, corpus.corpus))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("is in use by another program");
        }
    }

    /// Files below the directory that this process has open.
    private long openFiles() throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(descriptor -> {
                        try {
                            return Files.readSymbolicLink(descriptor).startsWith(directory.toRealPath());
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .count();
        }
    }
}
