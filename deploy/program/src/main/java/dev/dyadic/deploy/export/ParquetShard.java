package dev.dyadic.deploy.export;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/// A Parquet file with a row for each row. Written by parquet-java; the few classes of Hadoop that it names come from
/// parquet-floor.
final class ParquetShard implements Shard {
    private static final long ROW_GROUP_BYTES = 32 << 20;

    private final Path file;
    private final ClosableFile output;
    private final ParquetWriter<Row> writer;
    private boolean isFinished;

    /// @param index of the row in its step
    private record Row(StepRows step, int index) {}

    ParquetShard(Path file, Columns columns) throws IOException {
        this.file = file;
        this.output = new ClosableFile(new LocalOutputFile(file));
        this.writer = new Builder(output, columns)
                .withConf(new PlainParquetConfiguration())
                .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withRowGroupSize(ROW_GROUP_BYTES)
                // A hundred rows, after which the library looks for the first time, can have 400 MB.
                .withMinRowCountForPageSizeCheck(1)
                .build();
    }

    private static MessageType schema(Columns columns) {
        return Types.buildMessage()
                .required(PrimitiveTypeName.INT64)
                .named("step")
                .required(PrimitiveTypeName.INT32)
                .named("row")
                .required(PrimitiveTypeName.INT32)
                .named("length")
                .required(PrimitiveTypeName.BINARY)
                .as(LogicalTypeAnnotation.stringType())
                .named("source")
                .requiredList()
                .requiredElement(PrimitiveTypeName.INT32)
                .as(LogicalTypeAnnotation.intType(8 * columns.tokenBytes(), false))
                .named("tokens")
                .named("row");
    }

    @Override
    public void add(StepRows step) throws IOException {
        for (int row = 0; row < step.rows(); row++) {
            writer.write(new Row(step, row));
        }
    }

    @Override
    public void finish() throws IOException {
        writer.close();
        isFinished = true;
        ParquetFooter.sort(file);
    }

    @Override
    public void close() {
        if (!isFinished) {
            Shard.abandon(writer);
            Shard.abandon(output);
        }
    }

    /// A writer whose disk is full leaves its file open.
    private static final class ClosableFile implements OutputFile, Closeable {
        private final OutputFile file;
        private @Nullable PositionOutputStream stream;

        ClosableFile(OutputFile file) {
            this.file = file;
        }

        @Override
        public PositionOutputStream create(long blockSizeHint) throws IOException {
            PositionOutputStream created = file.create(blockSizeHint);
            stream = created;
            return created;
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
            PositionOutputStream created = file.createOrOverwrite(blockSizeHint);
            stream = created;
            return created;
        }

        @Override
        public boolean supportsBlockSize() {
            return file.supportsBlockSize();
        }

        @Override
        public long defaultBlockSize() {
            return file.defaultBlockSize();
        }

        @Override
        public void close() throws IOException {
            if (stream != null) {
                stream.close();
            }
        }
    }

    private static final class Builder extends ParquetWriter.Builder<Row, Builder> {
        private final Columns columns;

        Builder(OutputFile file, Columns columns) {
            super(file);
            this.columns = columns;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        protected WriteSupport<Row> getWriteSupport(ParquetConfiguration configuration) {
            return new RowSupport(columns);
        }

        @SuppressWarnings("deprecation") // abstract in the library
        @Override
        protected WriteSupport<Row> getWriteSupport(Configuration configuration) {
            return new RowSupport(columns);
        }
    }

    private static final class RowSupport extends WriteSupport<Row> {
        private final Columns columns;
        private RecordConsumer consumer;

        @SuppressWarnings("NullAway.Init") // the library calls prepareForWrite before it writes
        RowSupport(Columns columns) {
            this.columns = columns;
        }

        @Override
        public WriteContext init(ParquetConfiguration configuration) {
            return new WriteContext(schema(columns), Map.of());
        }

        @SuppressWarnings("deprecation") // abstract in the library
        @Override
        public WriteContext init(Configuration configuration) {
            return new WriteContext(schema(columns), Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer target) {
            consumer = target;
        }

        @Override
        public void write(Row row) {
            StepRows step = row.step();
            consumer.startMessage();
            consumer.startField("step", 0);
            consumer.addLong(step.step());
            consumer.endField("step", 0);
            number("row", 1, row.index());
            number("length", 2, step.length());
            consumer.startField("source", 3);
            consumer.addBinary(Binary.fromString(step.source(row.index())));
            consumer.endField("source", 3);
            consumer.startField("tokens", 4);
            consumer.startGroup();
            tokens(step, row.index());
            consumer.endGroup();
            consumer.endField("tokens", 4);
            consumer.endMessage();
        }

        private void number(String field, int index, int value) {
            consumer.startField(field, index);
            consumer.addInteger(value);
            consumer.endField(field, index);
        }

        private void tokens(StepRows step, int row) {
            ByteBuffer tokens = ByteBuffer.wrap(step.tokens(), row * step.rowBytes(), step.rowBytes())
                    .order(ByteOrder.LITTLE_ENDIAN);
            consumer.startField("list", 0);
            while (tokens.hasRemaining()) {
                consumer.startGroup();
                consumer.startField("element", 0);
                consumer.addInteger(step.tokenBytes() == 2 ? Short.toUnsignedInt(tokens.getShort()) : tokens.getInt());
                consumer.endField("element", 0);
                consumer.endGroup();
            }
            consumer.endField("list", 0);
        }
    }
}
