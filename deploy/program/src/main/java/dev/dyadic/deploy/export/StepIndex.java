package dev.dyadic.deploy.export;

import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// `steps.npy`: an entry for each step, in the run's order, which `numpy.load` reads. A file of NumPy, version 1.0,
/// with
/// a header that has room for any number of entries.
final class StepIndex implements AutoCloseable {
    static final String FILE = "steps.npy";
    private static final int HEADER_BYTES = 256;
    private static final int ENTRY_BYTES = 32;
    private static final int DIGEST_AT = 24;
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

    private final FileChannel channel;
    private final List<Entry> pending = new ArrayList<>();
    private long saved;

    private record Entry(long step, int length, int rows, long firstRow, long digest) {}

    /// Goes on behind the entries that are kept. Nothing is changed before [#save].
    ///
    /// @throws InvalidException if there are fewer
    StepIndex(Path file, long entries) throws IOException {
        this.channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        this.saved = entries;
        if (entries > 0 && channel.size() < at(entries)) {
            channel.close();
            throw tooShort(file, entries);
        }
    }

    /// The digest of the step with a number in the index.
    static long digest(Path file, long entry) throws IOException {
        ByteBuffer digest = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (digest.hasRemaining()) {
                if (channel.read(digest, at(entry) + DIGEST_AT + digest.position()) < 0) {
                    throw tooShort(file, entry + 1);
                }
            }
        }
        return digest.getLong(0);
    }

    private static InvalidException tooShort(Path file, long entries) {
        return new InvalidException(file + " has less than the " + entries
                + " steps that the export has come to; delete the folder and export anew, or name another --to");
    }

    /// @param firstRow where the step's rows begin: among all rows, or among those of its length
    void add(StepRows step, long firstRow) {
        pending.add(new Entry(step.step(), step.length(), step.rows(), firstRow, step.digest()));
    }

    void save() throws IOException {
        channel.truncate(at(saved));
        ByteBuffer entries = ByteBuffer.allocate(pending.size() * ENTRY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (Entry entry : pending) {
            entries.putLong(entry.step())
                    .putInt(entry.length())
                    .putInt(entry.rows())
                    .putLong(entry.firstRow())
                    .putLong(entry.digest());
        }
        write(entries.flip(), at(saved));
        saved += pending.size();
        pending.clear();
        write(header(saved), 0);
        channel.force(true);
    }

    private static long at(long entry) {
        return HEADER_BYTES + entry * ENTRY_BYTES;
    }

    private static ByteBuffer header(long entries) {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC).putShort((short) (HEADER_BYTES - MAGIC.length - Short.BYTES));
        String fields = "('step', '<i8'), ('length', '<i4'), ('rows', '<i4'), ('first_row', '<i8'), ('digest', '<u8')";
        header.put(("{'descr': [" + fields + "], 'fortran_order': False, 'shape': (" + entries + ",), }")
                .getBytes(StandardCharsets.US_ASCII));
        while (header.remaining() > 1) {
            header.put((byte) ' ');
        }
        return header.put((byte) '\n').flip();
    }

    private void write(ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
