package dev.dyadic.deploy.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.proto.SplitMix64;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The rows of a sampler, to be damaged.
record SamplerDisk(String owner, Path directory) {
    private static final int FACT_BYTES = 32;
    private static final long UNKNOWN_BYTES = 4096;

    /// Cuts a file of rows somewhere.
    ///
    /// @return what was done
    String truncate(SplitMix64 random) throws IOException {
        Optional<Path> file = pick("seg", random);
        if (file.isEmpty()) {
            return nothing();
        }
        try (RandomAccessFile bytes = new RandomAccessFile(file.get().toFile(), "rw")) {
            bytes.setLength(random.nextBelow(used(file.get())));
            return owner + ": " + directory.relativize(file.get()) + " truncated";
        }
    }

    /// Flips a bit of a file of rows.
    ///
    /// @param kind tokens or facts
    /// @return what was done
    String flipBit(String kind, SplitMix64 random) throws IOException {
        Optional<Path> file = pick(kind, random);
        if (file.isEmpty()) {
            return nothing();
        }
        try (RandomAccessFile bytes = new RandomAccessFile(file.get().toFile(), "rw")) {
            long at = random.nextBelow(used(file.get()));
            bytes.seek(at);
            int value = bytes.read();
            bytes.seek(at);
            bytes.write(value ^ (1 << random.nextBelow(8)));
            return owner + ": a bit of byte " + at + " of " + directory.relativize(file.get()) + " flipped";
        }
    }

    private String nothing() {
        return "nothing to damage at " + owner;
    }

    private Optional<Path> pick(String kind, SplitMix64 random) throws IOException {
        Files.createDirectories(directory);
        try (Stream<Path> all = Files.walk(directory)) {
            List<Path> files = all.filter(Files::isRegularFile)
                    .filter(file -> file.getFileName().toString().contains(kind))
                    .sorted()
                    .toList();
            return files.isEmpty() ? Optional.empty() : Optional.of(files.get((int) random.nextBelow(files.size())));
        }
    }

    /// About how far a file has been written: it has its full size from the start.
    private static long used(Path file) throws IOException {
        Path checkpoint = file.resolveSibling("../checkpoint.json").normalize();
        if (!Files.exists(checkpoint)) {
            return UNKNOWN_BYTES;
        }
        JsonNode facts = new ObjectMapper().readTree(checkpoint.toFile());
        long rows = 1;
        for (JsonNode pool : facts.path("pools")) {
            rows = Math.max(rows, pool.path("rows").asLong());
        }
        boolean tokens = file.getFileName().toString().startsWith("tokens");
        long width = tokens ? facts.path("rowBytes").asLong() : FACT_BYTES;
        return Math.max(1, Math.min(Files.size(file), rows * width));
    }
}
