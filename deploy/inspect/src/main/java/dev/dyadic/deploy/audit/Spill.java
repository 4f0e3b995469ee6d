package dev.dyadic.deploy.audit;

import dev.dyadic.proto.kafka.ClusterException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// Numbers on disk, in blocks of one size, for what would not fit into memory. The file is mapped, so what is used
/// often stays in the operating system's cache; it is deleted at the end. Owned by one thread.
final class Spill implements AutoCloseable {
    /// A multiple of 3 and of 6, which records have.
    static final int BLOCK_LONGS = 1536;

    private static final int WINDOW_BITS = 10;
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 20).asReadOnlyBuffer();
    private static final long WINDOW_BYTES = ((long) BLOCK_LONGS * Long.BYTES) << WINDOW_BITS;

    private final Path file;
    private final FileChannel channel;
    private final Arena arena = Arena.ofShared();
    private final List<MemorySegment> windows = new ArrayList<>();
    private int blocks;

    @SuppressWarnings("MustBeClosedChecker") // it is closed with this
    Spill(Path directory) {
        try {
            Files.createDirectories(directory);
            this.file = Files.createTempFile(directory, "dyadic-audit-", ".spill");
            this.channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw failed(directory, e);
        }
    }

    /// A block that nobody uses; what it holds is left of before.
    int allocate() {
        if (blocks >>> WINDOW_BITS == windows.size()) {
            try {
                long from = windows.size() * WINDOW_BYTES;
                fill(from);
                windows.add(channel.map(FileChannel.MapMode.READ_WRITE, from, WINDOW_BYTES, arena));
            } catch (IOException e) {
                throw failed(file, e);
            }
        }
        return blocks++;
    }

    /// Written before it is mapped: a disk that is full is then an exception, and no fault in a map.
    private void fill(long from) throws IOException {
        for (long at = from; at < from + WINDOW_BYTES; ) {
            int length = (int) Math.min(ZEROS.capacity(), from + WINDOW_BYTES - at);
            at += channel.write(ZEROS.slice(0, length), at);
        }
    }

    /// Gives back all blocks from this one on.
    void truncate(int block) {
        blocks = block;
    }

    int blocks() {
        return blocks;
    }

    long get(int block, int index) {
        return windows.get(block >>> WINDOW_BITS).get(ValueLayout.JAVA_LONG, position(block, index));
    }

    void set(int block, int index, long value) {
        windows.get(block >>> WINDOW_BITS).set(ValueLayout.JAVA_LONG, position(block, index), value);
    }

    private static long position(int block, int index) {
        return ((long) (block & ((1 << WINDOW_BITS) - 1)) * BLOCK_LONGS + index) * Long.BYTES;
    }

    @Override
    public void close() {
        arena.close();
        try {
            channel.close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static ClusterException failed(Path path, IOException e) {
        return new ClusterException(
                "cannot keep the rows of an audit in " + path + ": " + e.getMessage()
                        + "; name a directory with more room by --spill",
                e);
    }
}
