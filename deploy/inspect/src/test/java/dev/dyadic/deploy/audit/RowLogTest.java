package dev.dyadic.deploy.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.SplitMix64;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowLogTest {
    private static final Bucket BUCKET = Bucket.of(6);

    @Test
    void countsAndDigestsAgreeWithAList() {
        SplitMix64 random = new SplitMix64(4);
        RowLog log = new RowLog();
        List<Long> offsets = new ArrayList<>();
        List<Long> digests = new ArrayList<>();
        long offset = 0;
        for (int i = 0; i < 100; i++) {
            offset += 1 + random.nextBelow(3);
            long digest = random.next();
            offsets.add(offset);
            digests.add(digest);
            log.add(BUCKET, "wiki", Split.TRAIN, 1, offset, i, digest);
        }

        RowLog.Rows rows = log.rows(BUCKET, "wiki", Split.TRAIN, 1);

        for (long end = 0; end <= offset + 1; end++) {
            long limit = end;
            int before = (int) offsets.stream().filter(row -> row < limit).count();
            assertThat(rows.before(end)).isEqualTo(before);
            assertThat(rows.digestSum(before))
                    .isEqualTo(digests.subList(0, before).stream()
                            .mapToLong(Long::longValue)
                            .sum());
        }
        assertThat(rows.count()).isEqualTo(100);
        assertThat(rows.contentHash(99)).isEqualTo(99);
        assertThat(log.rows(BUCKET, "wiki", Split.HOLDOUT, 1).count()).isZero();
        assertThat(log.sources(BUCKET)).containsExactly("wiki");
        assertThat(log.sources(Bucket.of(7))).isEmpty();
    }
}
