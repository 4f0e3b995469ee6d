package dev.dyadic.ingest;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;

/// Something to read lines from. Compression is told by the first bytes, not by the name.
///
/// @param name what users call it
/// @param sizeBytes as stored, compressed or not; -1 where it is not known
public record Input(String name, long sizeBytes, Opener opener) {
    /// Opens the raw, still compressed, stream.
    @FunctionalInterface
    public interface Opener {
        InputStream open() throws IOException;
    }

    public static Input file(Path path) {
        if (!Files.isReadable(path) || Files.isDirectory(path)) {
            throw new IngestException(
                    "cannot read " + path + ": expected a readable JSONL file, but "
                            + (Files.isDirectory(path)
                                    ? "it is a directory"
                                    : Files.exists(path) ? "it is not readable" : "it does not exist"),
                    null);
        }
        try {
            return new Input(path.toString(), Files.size(path), () -> Files.newInputStream(path));
        } catch (IOException e) {
            throw new IngestException("cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    public static Input stream(String name, InputStream stream) {
        return new Input(name, -1, () -> stream);
    }

    /// Opens, counts stored bytes as they are read, and decompresses.
    InputStream open(AtomicLong storedBytes) throws IOException {
        BufferedInputStream raw = new BufferedInputStream(new Counting(opener.open(), storedBytes), 256 << 10);
        raw.mark(4);
        byte[] head = raw.readNBytes(4);
        raw.reset();
        if (head.length >= 2 && head[0] == 0x1f && head[1] == (byte) 0x8b) {
            return new GZIPInputStream(raw, 64 << 10);
        }
        boolean zstd = head.length == 4
                && head[0] == 0x28
                && head[1] == (byte) 0xb5
                && head[2] == 0x2f
                && head[3] == (byte) 0xfd;
        return zstd ? new ZstdInputStream(raw) : raw;
    }

    private static final class Counting extends FilterInputStream {
        private final AtomicLong count;

        Counting(InputStream stream, AtomicLong count) {
            super(stream);
            this.count = count;
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            if (value >= 0) {
                count.incrementAndGet();
            }
            return value;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = super.read(target, offset, length);
            if (read > 0) {
                count.addAndGet(read);
            }
            return read;
        }
    }
}
