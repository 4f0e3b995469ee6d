package dev.dyadic.deploy.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeenIdsTest {
    @TempDir
    private Path directory = Path.of("");

    private final List<String> found = new ArrayList<>();

    private final SeenIds.Doubles doubles = new SeenIds.Doubles() {
        @Override
        public void id(long firstOffset, long secondOffset) {
            found.add("id " + firstOffset + " " + secondOffset);
        }

        @Override
        public void text(long firstOffset, long secondOffset) {
            found.add("text " + firstOffset + " " + secondOffset);
        }
    };

    @Test
    void findsIdsAndTextsThatAreThereTwice() throws IOException {
        try (Spill spill = new Spill(directory)) {
            for (int round = 0; round < 2; round++) {
                SeenIds ids = new SeenIds(spill);
                for (int i = 0; i < 100_000; i++) {
                    ids.add("document-" + i, "document-" + i, 0, i);
                }
                for (int part = 0; part < 3; part++) {
                    ids.add("whole#part-" + part, "whole", 5, 200_000 + part);
                }
                ids.add("document-77", "document-77", 0, 300_000);
                ids.add("whole#part-3", "whole", 6, 300_001);

                ids.end(doubles);

                assertThat(found).containsExactlyInAnyOrder("id 77 300000", "text 200000 300001");
                assertThat(spill.blocks()).isZero();
                found.clear();
            }
        }
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }
}
