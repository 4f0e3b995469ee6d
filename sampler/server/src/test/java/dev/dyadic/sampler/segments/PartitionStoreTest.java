package dev.dyadic.sampler.segments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.proto.avro.Sequence;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PartitionStoreTest {
    private static final int ROW_BYTES = 130;

    @TempDir
    private Path directory = Path.of("");

    private record Row(long offset, String source, Split split, ByteBuffer tokens) {}

    static LongStream seeds() {
        return LongStream.range(0, 30);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void agreesWithAListWhateverHappensInBetween(long seed) {
        SplitMix64 random = new SplitMix64(seed);
        List<Row> rows = new ArrayList<>();
        long[] offset = {0};
        PartitionStore store = open("topic-1");
        int durable = 0;

        for (int round = 0; round < 6; round++) {
            for (int i = 0; i < (int) random.nextBelow(300); i++) {
                append(store, rows, offset, random);
            }
            store.flush(offset[0]);
            check(store, rows);
            if (random.nextBelow(2) == 0) {
                store.checkpoint();
                durable = rows.size();
            }
            if (random.nextBelow(2) == 0) {
                // A crash: what is past the checkpoint is gone, and read again.
                store.close();
                store = open("topic-1");
                rows.subList(rowsBelow(rows, store.nextOffset()), rows.size()).clear();
                assertThat(rows).hasSize(durable);
                offset[0] = store.nextOffset();
                check(store, rows);
            }
        }
        store.close();
    }

    @Test
    void rowsOfAnotherTopicAreThrownAway() {
        PartitionStore store = filled();
        store.close();

        PartitionStore other = open("topic-2");

        assertThat(other.nextOffset()).isZero();
        assertThat(other.sources(Split.TRAIN)).isEmpty();
        other.close();
    }

    @Test
    void aTornCheckpointMeansStartingAnew() throws IOException {
        filled().close();
        Files.writeString(directory.resolve("checkpoint.json"), "{\"topicId\": \"topic-1\", \"row");

        PartitionStore store = open("topic-1");

        assertThat(store.nextOffset()).isZero();
        store.close();
    }

    @Test
    void lostFactsMeanStartingAnew() throws IOException {
        filled().close();
        try (Stream<Path> files = Files.walk(directory)) {
            Path facts = files.filter(path -> path.toString().endsWith("facts-0.seg"))
                    .findFirst()
                    .orElseThrow();
            try (RandomAccessFile file = new RandomAccessFile(facts.toFile(), "rw")) {
                file.setLength(64);
            }
        }

        PartitionStore store = open("topic-1");

        assertThat(store.nextOffset()).isZero();
        store.close();
    }

    private PartitionStore filled() {
        PartitionStore store = open("topic-1");
        SplitMix64 random = new SplitMix64(1);
        long[] offset = {0};
        for (int i = 0; i < 50; i++) {
            append(store, new ArrayList<>(), offset, random);
        }
        store.flush(offset[0]);
        store.checkpoint();
        return store;
    }

    private PartitionStore open(String topicId) {
        return PartitionStore.open(
                new PartitionStore.Place(directory, Bucket.of(4), 0), topicId, ROW_BYTES, new DiskBudget(0));
    }

    private static int rowsBelow(List<Row> rows, long offset) {
        return (int) rows.stream().filter(row -> row.offset() < offset).count();
    }

    private static void append(PartitionStore store, List<Row> rows, long[] offset, SplitMix64 random) {
        offset[0] += 1 + random.nextBelow(3);
        byte[] tokens = new byte[ROW_BYTES];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = (byte) random.next();
        }
        String source = random.nextBelow(2) == 0 ? "a/b" : "wiki";
        Split split = random.nextBelow(5) == 0 ? Split.HOLDOUT : Split.TRAIN;
        Row row = new Row(offset[0]++, source, split, ByteBuffer.wrap(tokens));
        rows.add(row);
        store.append(
                row.offset(),
                Sequence.newBuilder()
                        .setDocumentId("document")
                        .setSource(source)
                        .setSplit(split.text())
                        .setDocumentOffset(1)
                        .setDocumentBytes(1)
                        .setDocumentTokens(65)
                        .setPiece(0)
                        .setPieces(1)
                        .setStart(0)
                        .setLog2(6)
                        .setPublishedMillis(0)
                        .setDigest(0)
                        .setTokens(ByteBuffer.wrap(tokens))
                        .build());
    }

    private static void check(PartitionStore store, List<Row> rows) {
        for (String source : List.of("a/b", "wiki", "none")) {
            for (Split split : Split.values()) {
                List<Row> pool = rows.stream()
                        .filter(row -> row.source().equals(source) && row.split() == split)
                        .toList();
                assertThat(store.rows(source, split)).isEqualTo(pool.size());
                PoolLog log = store.pool(source, split);
                long digest = 0;
                for (int i = 0; i < pool.size(); i++) {
                    byte[] copy = new byte[ROW_BYTES];
                    Objects.requireNonNull(log).copy(i, copy, 0);
                    assertThat(ByteBuffer.wrap(copy)).isEqualTo(pool.get(i).tokens());
                    assertThat(store.rowsBefore(source, split, pool.get(i).offset()))
                            .isEqualTo(i);
                    assertThat(store.digestBefore(source, split, pool.get(i).offset()))
                            .isEqualTo(digest);
                    digest += RowDigest.inLog(Digests.xxh64(copy), pool.get(i).offset());
                }
            }
        }
    }
}
