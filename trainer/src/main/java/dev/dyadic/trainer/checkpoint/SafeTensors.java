package dev.dyadic.trainer.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/// The safetensors format, float32 only: eight bytes with the header's length, the header in JSON, the arrays.
final class SafeTensors {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String METADATA = "__metadata__";
    private static final int MAX_HEADER_BYTES = 100 << 20;

    private SafeTensors() {}

    /// Writes and syncs.
    static void write(Path file, Map<String, NDArray> arrays) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        header.putObject(METADATA).put("format", "pt");
        long position = 0;
        for (Map.Entry<String, NDArray> entry : arrays.entrySet()) {
            ObjectNode node = header.putObject(entry.getKey());
            node.put("dtype", "F32");
            ArrayNode shape = node.putArray("shape");
            for (long dimension : entry.getValue().getShape().getShape()) {
                shape.add(dimension);
            }
            long bytes = entry.getValue().size() * Float.BYTES;
            node.putArray("data_offsets").add(position).add(position + bytes);
            position += bytes;
        }
        byte[] text = JSON.writeValueAsBytes(header);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            writeAll(channel, length.putLong(text.length).flip());
            writeAll(channel, ByteBuffer.wrap(text));
            for (NDArray array : arrays.values()) {
                writeAll(channel, array.toByteBuffer());
            }
            channel.force(true);
        }
    }

    static Map<String, NDArray> read(Path file, NDManager manager) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long headerBytes = readExactly(channel, Long.BYTES).getLong();
            if (headerBytes < 2 || headerBytes > Math.min(MAX_HEADER_BYTES, channel.size())) {
                throw new IOException("its header has " + headerBytes + " bytes");
            }
            byte[] text = new byte[(int) headerBytes];
            readExactly(channel, text.length).get(text);
            JsonNode header = JSON.readTree(text);
            Map<String, NDArray> arrays = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> entry : header.properties()) {
                if (entry.getKey().equals(METADATA)) {
                    continue;
                }
                JsonNode node = entry.getValue();
                if (!node.path("dtype").asText().equals("F32")) {
                    throw new IOException("array " + entry.getKey() + " is not F32");
                }
                long from = node.path("data_offsets").path(0).asLong(-1);
                long to = node.path("data_offsets").path(1).asLong(-1);
                long[] shape = new long[node.path("shape").size()];
                for (int i = 0; i < shape.length; i++) {
                    shape[i] = node.path("shape").path(i).asLong();
                }
                Shape wanted = new Shape(shape);
                if (from < 0 || to - from != wanted.size() * Float.BYTES) {
                    throw new IOException("array " + entry.getKey() + " has the wrong size");
                }
                channel.position(Long.BYTES + headerBytes + from);
                ByteBuffer data = readExactly(channel, Math.toIntExact(to - from));
                NDArray array = manager.create(wanted, DataType.FLOAT32);
                array.set(data);
                arrays.put(entry.getKey(), array);
            }
            return arrays;
        }
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static ByteBuffer readExactly(FileChannel channel, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new IOException("it ends " + bytes.remaining() + " bytes too early");
            }
        }
        return bytes.flip();
    }
}
