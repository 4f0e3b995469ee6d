package dev.dyadic.sampler.segments;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// One file of fixed-width records. It has its full size from the start, sparse, so that it is mapped once; it is
/// written through the channel, so that a full disk is an exception and not a crash, and read through the map.
final class Segment implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final Arena arena;
    private final MemorySegment map;

    private Segment(Path path, FileChannel channel, Arena arena, MemorySegment map) {
        this.path = path;
        this.channel = channel;
        this.arena = arena;
        this.map = map;
    }

    /// Opens or makes the file.
    ///
    /// @param bytes its full size; an existing file of another size is cut or extended
    @SuppressWarnings("MustBeClosedChecker") // the segment closes it
    static Segment open(Path path, long bytes) throws IOException {
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Arena arena = Arena.ofShared();
        try {
            if (channel.size() > bytes) {
                channel.truncate(bytes);
            } else if (channel.size() < bytes) {
                channel.write(ByteBuffer.allocate(1), bytes - 1);
            }
            return new Segment(path, channel, arena, channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes, arena));
        } catch (IOException | RuntimeException e) {
            arena.close();
            channel.close();
            throw e;
        }
    }

    MemorySegment map() {
        return map;
    }

    void write(ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    void force() throws IOException {
        channel.force(false);
    }

    /// Gives the file its size back where it was cut; what was cut off reads as zeros then.
    ///
    /// @return whether it was cut
    boolean restore() throws IOException {
        if (channel.size() >= map.byteSize()) {
            return false;
        }
        channel.write(ByteBuffer.allocate(1), map.byteSize() - 1);
        return true;
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        arena.close();
        try {
            channel.close();
        } catch (IOException e) {
            throw new StorageException("cannot close " + path + ": " + e.getMessage(), e);
        }
    }
}
