package dev.dyadic.deploy.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dyadic.proto.InvalidException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// A shard of MosaicML Streaming, format version 2: the number of samples, where each begins and the last one ends, the
/// columns as JSON, the samples; numbers are little-endian and of 4 bytes. A sample has the sizes of its columns that
/// have no fixed size, and then the columns, by name.
final class MdsShard implements Shard {
    private static final ObjectMapper JSON = new ObjectMapper();
    /// Where offsets of 32 bits end.
    static final long LIMIT = 1L << 32;

    private final Path file;
    private final Path samplesFile;
    private final OutputStream samples;
    private final Columns columns;
    private final byte[] config;
    private final long limit;
    private int[] sizes = new int[1024];
    private int count;
    private long sampleBytes;

    MdsShard(Path file, Columns columns) throws IOException {
        this(file, columns, LIMIT);
    }

    /// @param limit the file has to be smaller
    MdsShard(Path file, Columns columns, long limit) throws IOException {
        this.file = file;
        this.limit = limit;
        this.columns = columns;
        this.config = config(columns).toString().getBytes(StandardCharsets.UTF_8);
        this.samplesFile =
                file.resolveSibling(file.getFileName().toString().replace(ExportFolder.UNFINISHED, "") + ".samples");
        this.samples = new BufferedOutputStream(Files.newOutputStream(samplesFile));
    }

    /// What a shard and the index say about columns: the sizes of those that have a fixed one, by name.
    static ObjectNode config(Columns columns) {
        ObjectNode config = JSON.createObjectNode();
        ArrayNode encodings = config.putArray("column_encodings");
        String tokens = "ndarray:" + Columns.tokenType(columns.tokenBytes())
                + (columns.rowTokens() == null ? "" : ":" + columns.rowTokens());
        List.of("int", "int", "str", "int", tokens).forEach(encodings::add);
        ArrayNode names = config.putArray("column_names");
        List.of("length", "row", "source", "step", "tokens").forEach(names::add);
        ArrayNode sizes =
                config.putArray("column_sizes").add(8).add(8).addNull().add(8);
        if (columns.rowTokens() == null) {
            sizes.addNull();
        } else {
            sizes.add(columns.rowTokens() * columns.tokenBytes());
        }
        config.putNull("compression").put("format", "mds");
        config.putArray("hashes").add("sha256");
        return config.putNull("size_limit").put("version", 2);
    }

    @Override
    public void add(StepRows step) throws IOException {
        byte[] shape = columns.rowTokens() == null ? shape(step.rowTokens()) : new byte[0];
        ByteBuffer numbers = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        for (int row = 0; row < step.rows(); row++) {
            byte[] source = step.source(row).getBytes(StandardCharsets.UTF_8);
            int tokensSize = shape.length + step.rowBytes();
            boolean hasOneSize = columns.rowTokens() != null;
            count(Integer.BYTES * (hasOneSize ? 1 : 2) + 3 * Long.BYTES + source.length + tokensSize);
            samples.write(numbers.putInt(0, source.length).array(), 0, 4);
            if (!hasOneSize) {
                samples.write(numbers.putInt(0, tokensSize).array(), 0, 4);
            }
            samples.write(numbers.putLong(0, step.length()).array());
            samples.write(numbers.putLong(0, row).array());
            samples.write(source);
            samples.write(numbers.putLong(0, step.step()).array());
            samples.write(shape);
            samples.write(step.tokens(), row * step.rowBytes(), step.rowBytes());
        }
    }

    private void count(int bytes) {
        if (count == sizes.length) {
            sizes = Arrays.copyOf(sizes, 2 * count);
        }
        sizes[count] = bytes;
        count++;
        sampleBytes += bytes;
        if (firstSample() + sampleBytes >= limit) {
            throw new InvalidException(
                    "a shard of MDS must be smaller than 4 GiB, but with step and source of each row "
                            + file.getFileName() + " is not; name a smaller --shard-size");
        }
    }

    private long firstSample() {
        return Integer.BYTES * (count + 2L) + config.length;
    }

    /// Of an array with one axis: the number of axes times four, plus which of uint8, uint16, uint32 its extent is in;
    /// the extent.
    private static byte[] shape(int extent) {
        int width = extent < 1 << 8 ? 0 : extent < 1 << 16 ? 1 : 2;
        ByteBuffer shape = ByteBuffer.allocate(1 + (1 << width)).order(ByteOrder.LITTLE_ENDIAN);
        shape.put((byte) (4 | width));
        for (int i = 0; i < 1 << width; i++) {
            shape.put((byte) (extent >>> (8 * i)));
        }
        return shape.array();
    }

    @Override
    public void finish() throws IOException {
        samples.close();
        ByteBuffer head = ByteBuffer.allocate((int) firstSample()).order(ByteOrder.LITTLE_ENDIAN);
        long end = firstSample();
        head.putInt(count).putInt((int) end);
        for (int i = 0; i < count; i++) {
            end += sizes[i];
            head.putInt((int) end);
        }
        head.put(config);
        try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(file))) {
            stream.write(head.array());
            Files.copy(samplesFile, stream);
        }
        Files.delete(samplesFile);
    }

    @Override
    public void close() {
        Shard.abandon(samples);
    }
}
