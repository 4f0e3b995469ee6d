package dev.dyadic.sampler.segments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.Bucket;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the disk does not take now is written later, and nothing twice.
class FixedLogTest {
    private static final int BITS = 4;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void recordsThatTheDiskDoesNotTakeAreWrittenOnceItDoes() throws IOException {
        FixedLog log = new FixedLog(directory, "log", Long.BYTES, BITS);
        // A directory stands where the second segment is to be.
        Path obstacle = Files.createDirectory(directory.resolve("log-1.seg"));
        for (long record = 0; record < 40; record++) {
            log.next().putLong(record);
        }

        assertThatThrownBy(log::flush).isInstanceOf(IOException.class);
        log.next().putLong(40);
        assertThatThrownBy(log::flush).isInstanceOf(IOException.class);
        Files.delete(obstacle);
        log.flush();

        for (long record = 0; record <= 40; record++) {
            assertThat(log.segmentOf(record).get(LONG, log.positionOf(record))).isEqualTo(record);
        }
        log.close();
    }

    @Test
    void aRowIsTakenWholeOrNotAtAll() throws IOException {
        Path pool = directory.resolve("pool");
        PartitionStore.Place place = new PartitionStore.Place(directory, Bucket.of(4), 0);
        int rowBytes = 48 << 20;
        PoolLog log = PoolLog.open(pool, place, rowBytes, 0);
        ByteBuffer row = ByteBuffer.allocate(rowBytes);
        // One row fills a segment of tokens; the second segment cannot be made.
        Path obstacle = Files.createDirectory(pool.resolve("tokens-1.seg"));
        log.append(1, 11, 0, 0, row);
        log.append(2, 12, 0, 0, row);

        assertThatThrownBy(() -> log.append(3, 13, 0, 0, row)).isInstanceOf(IOException.class);
        assertThatThrownBy(log::flush).isInstanceOf(IOException.class);
        assertThat(log.rows()).isZero();
        Files.delete(obstacle);
        log.append(3, 13, 0, 0, row);
        log.flush();

        assertThat(log.rows()).isEqualTo(3);
        assertThat(log.offset(2)).isEqualTo(3);
        assertThat(log.digest(2)).isEqualTo(RowDigest.inLog(13, 3));
        log.close();
    }
}
