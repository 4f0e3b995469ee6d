package dev.dyadic.ingest;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/// Something to read lines from. Compression is told by the first bytes, not by the name.
///
/// @param name what users call it
/// @param sizeBytes as stored, compressed or not; -1 where it is not known
public record Input(String name, long sizeBytes, Opener opener) {
    private static final int BUFFER_BYTES = 256 << 10;

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

    /// Opens, counts stored bytes as they are read, and unpacks ([Compression]).
    InputStream open(AtomicLong storedBytes) throws IOException {
        return Compression.open(new Counting(opener.open(), storedBytes), BUFFER_BYTES);
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
