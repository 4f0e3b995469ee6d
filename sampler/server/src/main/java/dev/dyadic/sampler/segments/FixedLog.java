package dev.dyadic.sampler.segments;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Records of one width in a row of segments. One thread appends; any thread reads what was published.
final class FixedLog implements AutoCloseable {
    private static final int MAX_BUFFER_BYTES = 32 << 10;

    private final Path directory;
    private final String name;
    private final int width;
    private final int segmentBits;
    private final ByteBuffer buffer;
    private volatile Segment[] segments = {};
    private int firstUnforced;
    private long written;

    /// @param segmentBits each segment holds `2^segmentBits` records
    FixedLog(Path directory, String name, int width, int segmentBits) {
        this.directory = directory;
        this.name = name;
        this.width = width;
        this.segmentBits = segmentBits;
        this.buffer = ByteBuffer.allocate(Math.max(width, MAX_BUFFER_BYTES / width * width))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /// Opens the segments that hold the first `records` records; what lies past them is overwritten later.
    void open(long records) throws IOException {
        List<Segment> opened = new ArrayList<>();
        for (long first = 0; first < records; first += 1L << segmentBits) {
            opened.add(openSegment(opened.size()));
        }
        segments = opened.toArray(Segment[]::new);
        written = records;
        firstUnforced = Math.max(0, segments.length - 1);
    }

    int width() {
        return width;
    }

    /// The buffer to put one record into, with room for it.
    ByteBuffer next() throws IOException {
        if (buffer.remaining() < width) {
            flush();
        }
        return buffer;
    }

    /// Writes what was put; it can be read afterwards. Where the disk takes no more, the rest is kept.
    void flush() throws IOException {
        buffer.flip();
        try {
            writeBuffer();
        } finally {
            buffer.compact();
        }
    }

    private void writeBuffer() throws IOException {
        while (buffer.hasRemaining()) {
            int index = (int) (written >>> segmentBits);
            long inSegment = written & ((1L << segmentBits) - 1);
            if (index == segments.length) {
                addSegment(index);
            }
            long room = (1L << segmentBits) - inSegment;
            int count = (int) Math.min(room, buffer.remaining() / width);
            ByteBuffer part = buffer.slice(buffer.position(), count * width);
            segments[index].write(part, inSegment * width);
            buffer.position(buffer.position() + count * width);
            written += count;
        }
    }

    /// Makes everything that was flushed durable.
    void force() throws IOException {
        for (int i = firstUnforced; i < segments.length; i++) {
            segments[i].force();
        }
        firstUnforced = Math.max(0, segments.length - 1);
    }

    /// Replaces a record that was written, on the disk at once.
    void overwrite(long record, ByteBuffer bytes) throws IOException {
        Segment segment = segments[(int) (record >>> segmentBits)];
        segment.write(bytes, positionOf(record));
        segment.force();
    }

    /// Gives its files their size back.
    ///
    /// @return whether one of them was cut
    boolean restore() throws IOException {
        boolean wasCut = false;
        for (Segment segment : segments) {
            wasCut |= segment.restore();
        }
        return wasCut;
    }

    /// The map that holds this record.
    MemorySegment segmentOf(long record) {
        return segments[(int) (record >>> segmentBits)].map();
    }

    /// Byte position of this record in its map.
    long positionOf(long record) {
        return (record & ((1L << segmentBits) - 1)) * width;
    }

    @Override
    public void close() {
        for (Segment segment : segments) {
            segment.close();
        }
    }

    private void addSegment(int index) throws IOException {
        Segment[] more = Arrays.copyOf(segments, index + 1);
        more[index] = openSegment(index);
        segments = more;
    }

    private Segment openSegment(int index) throws IOException {
        return Segment.open(directory.resolve(name + "-" + index + ".seg"), (long) width << segmentBits);
    }
}
