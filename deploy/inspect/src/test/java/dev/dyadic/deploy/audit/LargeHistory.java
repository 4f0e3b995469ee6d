package dev.dyadic.deploy.audit;

import dev.dyadic.deploy.history.History;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.TokenizerIdentity;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.Weighting;
import dev.dyadic.proto.avro.Sequence;
import dev.dyadic.sampler.order.Availability;
import dev.dyadic.sampler.order.Curriculum;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.LedgerState;
import dev.dyadic.sampler.order.MixtureWeights;
import dev.dyadic.sampler.order.Plan;
import dev.dyadic.sampler.order.Planner;
import dev.dyadic.sampler.order.PoolKey;
import dev.dyadic.sampler.order.Run;
import dev.dyadic.sampler.order.RunSpec;
import dev.dyadic.sampler.order.Window;
import dev.dyadic.sampler.segments.RowDigest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A corpus of any size with one bounded run, made up as it is read: it takes no memory.
final class LargeHistory implements History {
    static final String RUN = "run";
    private static final Topics TOPICS = new Topics("large", "main");
    private static final Bucket BUCKET = Bucket.of(5);
    private static final Buckets BUCKETS = new Buckets(5, 5);
    private static final String SOURCE = "all";
    private static final int PIECES = 10;
    private static final int DOCUMENT_BYTES = 16;
    private static final int ROWS_PER_STEP = 1024;

    private final CorpusSettings settings;
    private final long documents;
    private final List<byte[]> ledger = new ArrayList<>();

    /// @param documents on each partition, each of ten rows
    LargeHistory(int partitions, long documents) {
        this.documents = documents;
        this.settings = new CorpusSettings(
                "main",
                TokenizerIdentity.builtIn("bytes", 257, 256, 0),
                Layout.NEXT_TOKEN,
                BUCKETS,
                LongDocuments.LONGEST_FIRST,
                0,
                0,
                partitions);
        LedgerState state = new LedgerState(settings);
        RunSpec spec = new RunSpec(
                1,
                (long) BUCKET.length() * ROWS_PER_STEP,
                BUCKETS,
                Curriculum.of("uniform", BUCKETS, List.of()),
                Weighting.ODDS_TIMES_STEPS,
                MixtureWeights.NATURAL,
                Split.TRAIN,
                RunSpec.EARLIEST,
                new Extent.Bounded(4, 1));
        Window from = Window.of(BUCKETS, partitions, (_, _) -> 0);
        Window until = Window.of(BUCKETS, partitions, (_, _) -> rows());
        append(state, LedgerCodec.encode(Run.record(RUN, spec, from, Optional.of(until), Optional.empty(), 0)));
        Rows available = new Rows();
        while (Planner.plan(state.run(RUN).orElseThrow(), available, state.endOffset(), 0, 0, "test")
                instanceof Plan.Proposed(var manifest)) {
            append(state, LedgerCodec.encode(manifest));
        }
    }

    private void append(LedgerState state, byte[] record) {
        state.apply(state.endOffset(), record);
        ledger.add(record);
    }

    private long rows() {
        return documents * PIECES;
    }

    private byte[] tokens(int partition, long row) {
        byte[] bytes = new byte[settings.rowBytes(BUCKET)];
        ByteBuffer.wrap(bytes).putInt(partition).putLong(row);
        return bytes;
    }

    @Override
    public Topics topics() {
        return TOPICS;
    }

    @Override
    public CorpusSettings settings() {
        return settings;
    }

    @Override
    public long decomposedUpTo(int partition) {
        return documents;
    }

    @Override
    public Beginning beginning(String topic, int partition) {
        return Beginning.WHOLE;
    }

    @Override
    public Cursor open(String topic, int partition) {
        if (topic.equals(TOPICS.ledger())) {
            return counting(ledger.size(), offset -> ledger.get((int) offset));
        }
        if (topic.equals(TOPICS.documents())) {
            return counting(documents, _ -> new byte[DOCUMENT_BYTES]);
        }
        return topic.equals(TOPICS.sequences(BUCKET))
                ? counting(rows(), row -> sequence(partition, row))
                : counting(0, _ -> new byte[0]);
    }

    private interface Records {
        byte[] at(long offset);
    }

    private static Cursor counting(long count, Records records) {
        long[] next = {0};
        return () -> {
            long offset = next[0]++;
            return offset < count ? new Entry(offset, 0, new Value(records.at(offset))) : null;
        };
    }

    private byte[] sequence(int partition, long row) {
        byte[] tokens = tokens(partition, row);
        int piece = (int) (row % PIECES);
        int rowTokens = settings.layout().rowTokens(BUCKET);
        return Codecs.SEQUENCE.encode(Sequence.newBuilder()
                .setDocumentId("document-" + partition + "-" + row / PIECES)
                .setSource(SOURCE)
                .setSplit(Split.TRAIN.text())
                .setDocumentOffset(row / PIECES)
                .setDocumentBytes(DOCUMENT_BYTES)
                .setDocumentTokens(PIECES * rowTokens)
                .setPiece(piece)
                .setPieces(PIECES)
                .setStart(piece * rowTokens)
                .setLog2(BUCKET.log2())
                .setPublishedMillis(0)
                .setDigest(Digests.xxh64(tokens))
                .setTokens(ByteBuffer.wrap(tokens))
                .build());
    }

    /// What there is to plan with: offsets have no gaps.
    private final class Rows implements Availability {
        @Override
        public long endOffset(Bucket bucket, int partition) {
            return LargeHistory.this.rows();
        }

        @Override
        public Set<String> sources(Bucket bucket) {
            return Set.of(SOURCE);
        }

        @Override
        public long rows(PoolKey pool, int partition, long from, long to) {
            return to - from;
        }

        @Override
        public long digest(PoolKey pool, int partition, long from, long to) {
            long sum = 0;
            for (long row = from; row < to; row++) {
                sum += RowDigest.inLog(Digests.xxh64(tokens(partition, row)), row);
            }
            return sum;
        }
    }
}
