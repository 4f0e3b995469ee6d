package dev.dyadic.deploy.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.sampler.segments.RowDigest;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.hardwood.InputFile;
import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The files, byte by byte or by another reader; that others read them is a test of the Python client.
final class ShardTest {
    @TempDir
    private Path folder;

    private static Batch batch(long step, int length, int rows, int width) {
        int rowBytes = (length + 1) * width;
        byte[] tokens = new byte[rows * rowBytes];
        new Random(step).nextBytes(tokens);
        long digest = 0;
        for (int row = 0; row < rows; row++) {
            digest += RowDigest.inStep(Digests.xxh64(tokens, row * rowBytes, rowBytes), step, row);
        }
        return Batch.newBuilder()
                .setStep(step)
                .setLength(length)
                .setRows(rows)
                .setRowTokens(length + 1)
                .setTokenWidth(width)
                .setDigest(digest)
                .addSources("wiki")
                .addSources("größer 東京")
                .addAllRowSources(
                        IntStream.range(0, rows).mapToObj(row -> row % 2).toList())
                .setTokens(ByteString.copyFrom(tokens))
                .build();
    }

    static StepRows step(long step, int length, int rows, int width) {
        return StepRows.of(batch(step, length, rows, width), step);
    }

    private static long token(StepRows step, int row, int i) {
        ByteBuffer tokens = ByteBuffer.wrap(step.tokens()).order(ByteOrder.LITTLE_ENDIAN);
        int at = row * step.rowTokens() + i;
        return step.tokenBytes() == 2
                ? Short.toUnsignedLong(tokens.getShort(2 * at))
                : Integer.toUnsignedLong(tokens.getInt(4 * at));
    }

    @Test
    void bytesThatDoNotHaveTheirDigestAreRefused() {
        Batch good = batch(7, 8, 4, 2);
        assertThat(StepRows.of(good, 7).digest()).isEqualTo(good.getDigest());
        byte[] changed = good.getTokens().toByteArray();
        changed[33] ^= 4;
        assertThatThrownBy(() -> StepRows.of(
                        good.toBuilder().setTokens(ByteString.copyFrom(changed)).build(), 7))
                .isInstanceOf(ExportException.class)
                .hasMessageContaining("step 7")
                .hasMessageContaining("%016x".formatted(good.getDigest()));
        assertThatThrownBy(() -> StepRows.of(good, 8)).hasMessageContaining("step 8 was asked for, but step 7 came");
        assertThatThrownBy(() -> StepRows.of(good.toBuilder().setRows(5).build(), 7))
                .isInstanceOf(ExportException.class);
    }

    @Test
    void aShardOfMdsThatWouldBeTooLargeIsRefusedBeforeItIsWritten() throws IOException {
        StepRows step = step(5, 300, 3, 2);
        int bytes = Files.readAllBytes(write(ExportFormat.mds, List.of(step), new Shard.Columns(2, null))).length;
        try (MdsShard fits = new MdsShard(folder.resolve("fits"), new Shard.Columns(2, null), bytes + 1)) {
            fits.add(step);
            fits.finish();
        }
        try (MdsShard large = new MdsShard(folder.resolve("large"), new Shard.Columns(2, null), bytes)) {
            assertThatThrownBy(() -> large.add(step))
                    .isInstanceOf(InvalidException.class)
                    .hasMessageContaining("name a smaller --shard-size");
        }
    }

    @Test
    void veryLongRowsAreNotHeldInMemoryForLong() throws IOException {
        List<StepRows> steps = IntStream.range(0, 20)
                .mapToObj(number -> step(number, 1 << 20, 1, 4))
                .toList();
        Path file = write(ExportFormat.parquet, steps, new Shard.Columns(4, null));
        try (ParquetFileReader parquet = ParquetFileReader.open(InputFile.of(file))) {
            assertThat(parquet.getFileMetaData().rowGroups()).hasSizeGreaterThan(1);
        }
    }

    @Test
    void anIndexThatIsTooShortIsRefused() throws IOException {
        Path file = folder.resolve(StepIndex.FILE);
        try (StepIndex index = new StepIndex(file, 0)) {
            index.add(step(3, 8, 2, 2), 0);
            index.save();
        }
        assertThat(StepIndex.digest(file, 0)).isEqualTo(batch(3, 8, 2, 2).getDigest());
        assertThatThrownBy(() -> new StepIndex(file, 2)).isInstanceOf(InvalidException.class);
        assertThatThrownBy(() -> StepIndex.digest(file, 1)).isInstanceOf(InvalidException.class);
    }

    /// Hash codes, and with them the order of sets, are others in each process.
    @Test
    void parquetsMetadataHaveOneOrder() throws IOException {
        List<StepRows> steps = List.of(step(0, 32, 3, 2), step(1, 8, 12, 2));
        Path file = write(ExportFormat.parquet, steps, new Shard.Columns(2, null));
        try (ParquetFileReader parquet = ParquetFileReader.open(InputFile.of(file))) {
            List<ColumnChunk> columns =
                    parquet.getFileMetaData().rowGroups().getFirst().columns();
            assertThat(columns)
                    .hasSize(5)
                    .allSatisfy(column -> assertThat(column.metaData().encodings())
                            .hasSizeGreaterThan(1)
                            .isSorted());
        }
    }

    @ParameterizedTest
    @CsvSource({"2", "4"})
    void parquetIsReadByAnotherReader(int width) throws IOException {
        List<StepRows> steps = List.of(step(0, 32, 3, width), step(1, 8, 12, width));
        Path file = write(ExportFormat.parquet, steps, new Shard.Columns(width, null));
        int read = 0;
        try (ParquetFileReader parquet = ParquetFileReader.open(InputFile.of(file));
                RowReader rows = parquet.rowReader()) {
            for (StepRows step : steps) {
                for (int row = 0; row < step.rows(); row++) {
                    assertThat(rows.hasNext()).isTrue();
                    rows.next();
                    assertThat(rows.getLong("step")).isEqualTo(step.step());
                    assertThat(rows.getInt("row")).isEqualTo(row);
                    assertThat(rows.getInt("length")).isEqualTo(step.length());
                    assertThat(rows.getString("source")).isEqualTo(step.source(row));
                    List<Long> tokens = new ArrayList<>();
                    rows.getList("tokens")
                            .values()
                            .forEach(id -> tokens.add(Integer.toUnsignedLong(((Number) id).intValue())));
                    int index = row;
                    assertThat(tokens)
                            .isEqualTo(IntStream.range(0, step.rowTokens())
                                    .mapToObj(i -> token(step, index, i))
                                    .toList());
                    read++;
                }
            }
            assertThat(rows.hasNext()).isFalse();
        }
        assertThat(read).isEqualTo(15);
    }

    @Test
    void mdsHasSamplesWhereItsHeadSays() throws IOException {
        StepRows step = step(5, 300, 3, 2);
        Path file = write(ExportFormat.mds, List.of(step), new Shard.Columns(2, null));
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(bytes.getInt(0)).as("samples").isEqualTo(3);
        assertThat(bytes.getInt(4 + 4 * 3)).as("end of the last").isEqualTo(bytes.limit());
        for (int row = 0; row < 3; row++) {
            ByteBuffer sample = bytes.slice(
                            bytes.getInt(4 + 4 * row), bytes.getInt(8 + 4 * row) - bytes.getInt(4 + 4 * row))
                    .order(ByteOrder.LITTLE_ENDIAN);
            byte[] source = step.source(row).getBytes(StandardCharsets.UTF_8);
            assertThat(sample.getInt()).as("bytes of source").isEqualTo(source.length);
            assertThat(sample.getInt()).as("bytes of tokens").isEqualTo(3 + 301 * 2);
            assertThat(sample.getLong()).as("length").isEqualTo(300);
            assertThat(sample.getLong()).as("row").isEqualTo(row);
            byte[] name = new byte[source.length];
            sample.get(name);
            assertThat(name).isEqualTo(source);
            assertThat(sample.getLong()).as("step").isEqualTo(5);
            assertThat(sample.get()).as("one axis, its extent in uint16").isEqualTo((byte) 5);
            assertThat(sample.getShort()).isEqualTo((short) 301);
            for (int i = 0; i < 301; i++) {
                assertThat(Short.toUnsignedLong(sample.getShort())).isEqualTo(token(step, row, i));
            }
            assertThat(sample.hasRemaining()).isFalse();
        }
    }

    @Test
    void numpyIsTheIdsAndNothingElse() throws IOException {
        StepRows first = step(5, 16, 3, 4);
        StepRows second = step(6, 16, 3, 4);
        Path file = write(ExportFormat.numpy, List.of(first, second), new Shard.Columns(4, 17));
        byte[] both = new byte[first.tokens().length * 2];
        System.arraycopy(first.tokens(), 0, both, 0, first.tokens().length);
        System.arraycopy(second.tokens(), 0, both, first.tokens().length, first.tokens().length);
        assertThat(Files.readAllBytes(file)).isEqualTo(both);
    }

    @Test
    void theIndexOfStepsGoesOnWhereItIsCut() throws IOException {
        for (int written : new int[] {3_000, 5}) {
            try (StepIndex index = new StepIndex(folder.resolve(StepIndex.FILE), written == 5 ? 2 : 0)) {
                for (int i = 0; i < written; i++) {
                    index.add(step(i + (written == 5 ? 2 : 0), 8, 2, 2), 2L * i);
                }
                index.save();
            }
        }
        byte[] bytes = Files.readAllBytes(folder.resolve(StepIndex.FILE));
        assertThat(new String(bytes, 10, 246, StandardCharsets.US_ASCII))
                .contains("'shape': (7,)")
                .endsWith("\n");
        assertThat(bytes).hasSize(256 + 7 * 32);
        ByteBuffer entries = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 7; i++) {
            assertThat(entries.getLong(256 + 32 * i)).isEqualTo(i);
            assertThat(entries.getLong(256 + 32 * i + 24))
                    .isEqualTo(batch(i, 8, 2, 2).getDigest());
        }
    }

    private Path write(ExportFormat format, List<StepRows> steps, Shard.Columns columns) throws IOException {
        Path file = folder.resolve("shard" + format.suffix());
        try (Shard shard = format.open(file, columns)) {
            for (StepRows step : steps) {
                shard.add(step);
            }
            shard.finish();
        }
        return file;
    }
}
