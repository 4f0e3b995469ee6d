package dev.dyadic.sampler.gather;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Split;
import dev.dyadic.sampler.TestCorpus;
import dev.dyadic.sampler.ledger.Signal;
import dev.dyadic.sampler.order.PoolKey;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.segments.DamagedRowException;
import dev.dyadic.sampler.segments.PoolRows;
import dev.dyadic.sampler.segments.SegmentStore;
import dev.dyadic.sampler.segments.StorageException;
import dev.dyadic.sampler.wire.Slice;
import dev.dyadic.v1.SamplerProto.Batch;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchesTest {
    private static final long CACHE_BYTES = 1 << 20;
    private static final int MAX_SLICE_BYTES = 1 << 20;
    private static final long DAMAGED_BYTE = 5;
    private static final GatherBudget NO_BUDGET = new GatherBudget() {
        @Override
        public void takeBytes(int bytes, long deadlineNanos) {}

        @Override
        public <T> T gather(Gathering<T> gathering, long deadlineNanos) throws InterruptedException {
            return gathering.gather();
        }
    };

    private final TestCorpus corpus = new TestCorpus(3, 150);
    private final Path directory;
    private final RunOrder order;
    private SegmentStore store;

    BatchesTest(@TempDir Path directory) {
        this.directory = directory;
        this.store = corpus.fill(directory);
        this.order = corpus.planned(store);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void everyStepHasTheSameTokensAndNoRowComesTwice() throws InterruptedException {
        Set<ByteString> seen = new HashSet<>();
        try (Batches batches = batches(MAX_SLICE_BYTES)) {
            for (long step = 0; step < order.horizon(); step++) {
                Batch batch = get(batches, step, Slice.ofRank(0, 1, rowsInStep(step)));

                assertThat((long) batch.getRows() * batch.getLength()).isEqualTo(TestCorpus.TOKENS_PER_STEP);
                int rowBytes = batch.getRowTokens() * batch.getTokenWidth();
                for (int row = 0; row < batch.getRows(); row++) {
                    assertThat(seen.add(batch.getTokens().substring(row * rowBytes, (row + 1) * rowBytes)))
                            .isTrue();
                }
            }
        }
        assertThat(order.horizon()).isGreaterThan(10);
    }

    @Test
    void slicesAreTheStepHoweverItIsCut() throws InterruptedException {
        try (Batches batches = batches(MAX_SLICE_BYTES);
                Batches others = batches(MAX_SLICE_BYTES)) {
            for (long step = 0; step < order.horizon(); step++) {
                int rows = rowsInStep(step);
                Batch whole = get(batches, step, new Slice(0, rows));
                Batch head = get(others, step, new Slice(0, rows / 2));
                Batch tail = get(others, step, new Slice(rows / 2, rows));

                assertThat(head.getTokens().concat(tail.getTokens())).isEqualTo(whole.getTokens());
                assertThat(head.getDigest() + tail.getDigest()).isEqualTo(whole.getDigest());
            }
        }
    }

    @Test
    void aSliceThatIsTooLargeIsRefused() {
        try (Batches batches = batches(10)) {
            assertThatThrownBy(() -> get(batches, 0, new Slice(0, rowsInStep(0))))
                    .isInstanceOf(InvalidException.class)
                    .hasMessageStartingWith("a slice must have at most 10 bytes, which is")
                    .hasMessageEndingWith("ask for fewer rows at a time");
        }
    }

    @Test
    void noStepIsGatheredTwiceHoweverManyOneAnswerHas() throws InterruptedException {
        for (int group : new int[] {1, 2, 5}) {
            try (Batches batches = batches(MAX_SLICE_BYTES)) {
                List<Integer> offsets = IntStream.range(0, group).boxed().toList();
                long served = order.horizon() / group * group;
                for (long first = 0; first < served; first += group) {
                    for (int offset : offsets) {
                        get(batches, first + offset, new Slice(0, rowsInStep(first + offset)));
                    }
                    batches.readAhead(order, first, offsets);
                }

                assertThat(batches.cacheStats().loadCount()).isBetween(served, order.horizon());
            }
        }
    }

    @Test
    void stepsThatSeveralRanksFetchAreGatheredOnce() throws InterruptedException {
        try (Batches batches = batches(MAX_SLICE_BYTES)) {
            for (long step = 0; step < order.horizon(); step++) {
                get(batches, step, new Slice(0, rowsInStep(step)));
                // A tensor-parallel rank fetches the same step, a pipeline-parallel one an earlier step.
                get(batches, step, new Slice(0, rowsInStep(step)));
                long earlier = Math.max(0, step - 8);
                get(batches, earlier, new Slice(0, rowsInStep(earlier)));
            }

            assertThat(batches.cacheStats().loadCount()).isEqualTo(order.horizon());
        }
    }

    @Test
    void rowsOfAFileThatIsCutUnderASamplerAreReadAgainFromTheLog() throws Exception {
        List<ByteString> before = tokensOfAllSteps();
        cut("tokens-0.seg");

        List<ByteString> after = tokensOfAllSteps();

        assertThat(after).isEqualTo(before);
    }

    @Test
    void factsThatAreCutUnderASamplerAreRefusedWithTheirPlace() throws Exception {
        cut("facts-0.seg");

        assertThatThrownBy(this::tokensOfAllSteps)
                .isInstanceOf(StorageException.class)
                .hasMessageMatching(
                        "the rows of length \\d+ partition \\d+ in .* cannot be read: a file there was cut, or"
                                + " its disk fails; start this sampler again: .*");
    }

    private void cut(String name) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(path -> path.endsWith(name)).toList()) {
                try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
                    cut.setLength(0);
                }
            }
        }
    }

    @Test
    void damagedRowsAreReadAgainFromTheLog() throws Exception {
        List<ByteString> before = tokensOfAllSteps();
        store.close();
        damage();
        store = SegmentStore.open(directory, corpus.corpus);
        assertThat(damagedRows()).isPositive();

        List<ByteString> after = tokensOfAllSteps();

        assertThat(after).isEqualTo(before);
        assertThat(damagedRows()).isZero();
    }

    private List<ByteString> tokensOfAllSteps() throws InterruptedException {
        try (Batches batches = batches(MAX_SLICE_BYTES)) {
            List<ByteString> tokens = new ArrayList<>();
            for (long step = 0; step < order.horizon(); step++) {
                tokens.add(get(batches, step, new Slice(0, rowsInStep(step))).getTokens());
            }
            return tokens;
        }
    }

    /// Flips a bit of the first row in every file of tokens.
    private void damage() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path path : files.filter(file -> file.getFileName().toString().contains("tokens"))
                    .toList()) {
                try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
                    if (file.length() > 0) {
                        file.seek(DAMAGED_BYTE);
                        int value = file.read();
                        file.seek(DAMAGED_BYTE);
                        file.write(value ^ 1);
                    }
                }
            }
        }
    }

    private int damagedRows() {
        int damaged = 0;
        for (Bucket bucket : TestCorpus.BUCKETS) {
            for (int partition = 0; partition < TestCorpus.PARTITIONS; partition++) {
                for (String source : store.partition(bucket, partition).sources(Split.TRAIN)) {
                    PoolRows rows = store.rows(new PoolKey(bucket, source), Split.TRAIN, partition);
                    byte[] target = new byte[corpus.corpus.settings().rowBytes(bucket)];
                    for (long row = 0; row < rows.count(); row++) {
                        try {
                            rows.copy(row, target, 0);
                        } catch (DamagedRowException e) {
                            damaged++;
                        }
                    }
                }
            }
        }
        return damaged;
    }

    private int rowsInStep(long step) {
        try (Batches batches = batches(MAX_SLICE_BYTES)) {
            return (int) (TestCorpus.TOKENS_PER_STEP / batches.lengthOf(order, step));
        }
    }

    private Batches batches(int maxSliceBytes) {
        return new Batches(
                store,
                corpus.corpus.settings(),
                new Signal(),
                new RowRepair(store, corpus),
                CACHE_BYTES,
                maxSliceBytes);
    }

    private Batch get(Batches batches, long step, Slice slice) throws InterruptedException {
        return batches.get(order, step, new Batches.Wanted(_ -> slice, false), NO_BUDGET, Signal.deadlineIn(10_000));
    }
}
