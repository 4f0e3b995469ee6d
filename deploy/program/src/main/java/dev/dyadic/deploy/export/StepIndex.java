package dev.dyadic.deploy.export;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// `steps.npy`: an entry for each step, in the run's order, which `numpy.load` reads. A file of NumPy, version 1.0,
/// whose
/// header has room for any number of entries; it is whole after every [#save].
final class StepIndex implements AutoCloseable {
    static final String FILE = "steps.npy";
    private static final int HEADER_BYTES = 256;
    private static final int ENTRY_BYTES = 32;
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

    private final FileChannel channel;
    private long entries;
    private ByteBuffer pending = ByteBuffer.allocate(ENTRY_BYTES * 1024).order(ByteOrder.LITTLE_ENDIAN);

    /// Goes on behind the entries that are there, as far as they are wanted.
    StepIndex(Path directory, long entries) throws IOException {
        this.channel = FileChannel.open(
                directory.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        this.entries = entries;
        channel.truncate(HEADER_BYTES + entries * ENTRY_BYTES);
        channel.position(HEADER_BYTES + entries * ENTRY_BYTES);
    }

    /// @param firstRow where the step's rows begin: among all rows, or among those of its length
    void add(StepRows step, long firstRow) throws IOException {
        if (!pending.hasRemaining()) {
            write();
        }
        pending.putLong(step.step())
                .putInt(step.length())
                .putInt(step.rows())
                .putLong(firstRow)
                .putLong(step.digest());
        entries++;
    }

    void save() throws IOException {
        write();
        channel.force(true);
    }

    private void write() throws IOException {
        pending.flip();
        while (pending.hasRemaining()) {
            channel.write(pending);
        }
        pending.clear();
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC).putShort((short) (HEADER_BYTES - MAGIC.length - Short.BYTES));
        header.put(
                ("{'descr': [('step', '<i8'), ('length', '<i4'), ('rows', '<i4'), ('first_row', '<i8'), ('digest', '<u8')],"
                                + " 'fortran_order': False, 'shape': (" + entries + ",), }")
                        .getBytes(StandardCharsets.US_ASCII));
        while (header.remaining() > 1) {
            header.put((byte) ' ');
        }
        header.put((byte) '\n').flip();
        channel.write(header, 0);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
