package dev.dyadic.deploy.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.SplitMix64;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowLogTest {
    private static final Bucket BUCKET = Bucket.of(6);

    private static final int ROWS = 2000;

    private final Spill spill;

    RowLogTest(@TempDir Path directory) {
        this.spill = new Spill(directory);
    }

    @AfterEach
    void close() {
        spill.close();
    }

    @Test
    void countsAndDigestsAgreeWithAList() {
        SplitMix64 random = new SplitMix64(4);
        RowLog log = new RowLog(spill);
        List<Long> offsets = new ArrayList<>();
        List<Long> digests = new ArrayList<>();
        long offset = 0;
        for (int i = 0; i < ROWS; i++) {
            offset += 1 + random.nextBelow(3);
            long digest = random.next();
            offsets.add(offset);
            digests.add(digest);
            log.add(BUCKET, "wiki", Split.TRAIN, 1, offset, i, digest);
        }

        RowLog.Rows rows = log.rows(BUCKET, "wiki", Split.TRAIN, 1);

        for (long end = 0; end <= offset + 1; end += 7) {
            long limit = end;
            int before = (int) offsets.stream().filter(row -> row < limit).count();
            assertThat(rows.before(end)).isEqualTo(before);
            assertThat(rows.digestSum(before))
                    .isEqualTo(digests.subList(0, before).stream()
                            .mapToLong(Long::longValue)
                            .sum());
        }
        assertThat(rows.count()).isEqualTo(ROWS);
        assertThat(rows.contentHash(ROWS - 1)).isEqualTo(ROWS - 1);
        assertThat(log.rows(BUCKET, "wiki", Split.HOLDOUT, 1).count()).isZero();
        assertThat(log.sources(BUCKET)).containsExactly("wiki");
        assertThat(log.sources(Bucket.of(7))).isEmpty();
    }
}
