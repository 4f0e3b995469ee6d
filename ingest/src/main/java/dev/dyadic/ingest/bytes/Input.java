package dev.dyadic.ingest.bytes;

import dev.dyadic.ingest.IngestException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.charset.Charset;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Something to read documents from. Packing is told by the first bytes, not by the name.
///
/// @param name what users call it
/// @param path its place in the folder that it was found in; its file name where it was named itself
/// @param sizeBytes as stored, packed or not; -1 where it is not known
/// @param file null for a stream
public record Input(
        String name, String path, long sizeBytes, @Nullable Path file, Opener opener) {
    /// Opens the raw, still packed, stream.
    @FunctionalInterface
    public interface Opener {
        InputStream open() throws IOException;
    }

    public static Input file(Path path) {
        if (!Files.isReadable(path) || Files.isDirectory(path)) {
            throw new IngestException(
                    "cannot read " + path + ": expected a readable file, but "
                            + (Files.isDirectory(path)
                                    ? "it is a directory"
                                    : Files.exists(path) ? mayNotBeRead(path) : "it does not exist"),
                    null);
        }
        return file(path, path.toString(), String.valueOf(path.getFileName()));
    }

    /// @param inFolder its path in the folder that it was found in
    public static Input file(Path path, String name, String inFolder) {
        try {
            return new Input(name, inFolder, Files.size(path), path, () -> open(path));
        } catch (IOException e) {
            throw new IngestException("cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    private static InputStream open(Path path) throws IOException {
        try {
            return Files.newInputStream(path);
        } catch (AccessDeniedException e) {
            throw new IOException("cannot read " + path + ": " + mayNotBeRead(path), e);
        }
    }

    /// Where a container reads a file of its host, the user is another one.
    private static String mayNotBeRead(Path path) {
        String who = "this program runs as user " + System.getProperty("user.name");
        try {
            PosixFileAttributes file = Files.readAttributes(path, PosixFileAttributes.class);
            return "it may not be read: it belongs to " + file.owner().getName() + " with "
                    + PosixFilePermissions.toString(file.permissions()) + ", and " + who;
        } catch (IOException | UnsupportedOperationException e) {
            return "it may not be read: " + who;
        }
    }

    public static Input stream(String name, InputStream stream) {
        return stream(name, () -> stream);
    }

    public static Input stream(String name, Opener opener) {
        return new Input(name, name, -1, null, opener);
    }

    /// Opens, counts stored bytes as they are read, unpacks, and makes UTF-8 of it.
    ///
    /// @param charset empty: told by the first bytes, or else UTF-8
    public Text text(AtomicLong storedBytes, Optional<Charset> charset) throws IOException {
        return new Text(unpacked(storedBytes, false), charset);
    }

    /// Opens, counts stored bytes as they are read, and unpacks.
    ///
    /// @param oneByOne whether the members of a packed input are read one by one, see [Unpacked#nextMember]
    public Unpacked unpacked(AtomicLong storedBytes, boolean oneByOne) throws IOException {
        InputStream counted = new Counting(opener.open(), storedBytes);
        PushbackInputStream raw = new PushbackInputStream(counted, Packing.MAGIC_BYTES);
        byte[] head = raw.readNBytes(Packing.MAGIC_BYTES);
        raw.unread(head);
        Optional<String> unreadable = Packing.unreadable(head);
        if (unreadable.isPresent()) {
            raw.close();
            throw new IOException("it is " + unreadable.get() + ", which is not read here: unpack it first");
        }
        Packing packing = Packing.of(head);
        return packing == null ? new Plain(raw) : new Members(new StoredBytes(raw), packing.unpacker(), oneByOne);
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

        @Override
        public long skip(long bytes) throws IOException {
            long skipped = super.skip(bytes);
            count.addAndGet(skipped);
            return skipped;
        }
    }
}
