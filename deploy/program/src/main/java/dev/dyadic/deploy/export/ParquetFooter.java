package dev.dyadic.deploy.export;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;

/// The end of a Parquet file: the metadata, their length in 4 bytes, little-endian, and the magic `PAR1`.
final class ParquetFooter {
    private static final int TAIL_BYTES = Integer.BYTES + 4;

    private ParquetFooter() {}

    /// Brings what has no order into one. parquet-java writes a column's encodings in the order of a hash set, which is
    /// another in each process, but the same rows must give the same file.
    static void sort(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long end = channel.size() - TAIL_BYTES;
            ByteBuffer tail = ByteBuffer.wrap(read(channel, end, TAIL_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
            int length = tail.getInt(0);
            FileMetaData metadata =
                    Util.readFileMetaData(new ByteArrayInputStream(read(channel, end - length, length)));
            for (RowGroup group : requireNonNull(metadata.getRow_groups())) {
                for (ColumnChunk column : requireNonNull(group.getColumns())) {
                    ColumnMetaData ofColumn = requireNonNull(column.getMeta_data());
                    requireNonNull(ofColumn.getEncodings()).sort(Comparator.naturalOrder());
                }
            }
            ByteArrayOutputStream sorted = new ByteArrayOutputStream(length);
            Util.writeFileMetaData(metadata, sorted);
            channel.truncate(end - length);
            channel.position(end - length);
            OutputStream out = Channels.newOutputStream(channel);
            sorted.writeTo(out);
            out.write(tail.putInt(0, sorted.size()).array());
        }
    }

    private static byte[] read(FileChannel channel, long from, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(new byte[length]);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, from + bytes.position()) < 0) {
                throw new EOFException("a Parquet file ends within its metadata");
            }
        }
        return bytes.array();
    }
}
