package dev.dyadic.sampler.segments;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.proto.Split;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/// What a topic partition's directory can be trusted for. Written after the rows are durable, under a temporary name,
/// and renamed.
///
/// @param topicId a directory of another topic's rows is not used
/// @param firstOffset rows below it were gone from Kafka when this disk was filled
/// @param nextOffset the first offset that is not in the rows
record Checkpoint(String topicId, int rowBytes, long firstOffset, long nextOffset, List<Pool> pools) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILE = "checkpoint.json";

    record Pool(String source, Split split, long rows, long digestSum) {}

    Checkpoint {
        pools = List.copyOf(pools);
    }

    static Optional<Checkpoint> read(Path directory) {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file.toFile(), Checkpoint.class));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    static void delete(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(FILE));
    }

    void write(Path directory) throws IOException {
        Path temporary = directory.resolve(FILE + ".new");
        byte[] bytes = JSON.writeValueAsString(this).getBytes(StandardCharsets.UTF_8);
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.wrap(bytes));
            channel.force(true);
        }
        Files.move(
                temporary,
                directory.resolve(FILE),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }
}
