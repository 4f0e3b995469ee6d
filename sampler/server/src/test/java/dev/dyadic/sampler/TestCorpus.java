package dev.dyadic.sampler;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.proto.TokenizerIdentity;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.Weighting;
import dev.dyadic.proto.avro.Manifest;
import dev.dyadic.proto.avro.Sequence;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.gather.LengthRecords;
import dev.dyadic.sampler.order.Curriculum;
import dev.dyadic.sampler.order.Decision;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.LedgerState;
import dev.dyadic.sampler.order.MixtureWeights;
import dev.dyadic.sampler.order.Plan;
import dev.dyadic.sampler.order.Planner;
import dev.dyadic.sampler.order.RunDecisions;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.order.RunSpec;
import dev.dyadic.sampler.order.Window;
import dev.dyadic.sampler.segments.SegmentStore;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// A corpus without a broker: rows in memory, made from a seed, that stand in for the length topics; a ledger in
/// memory; and one run. Documents have two sequences each, on one partition.
public final class TestCorpus implements LengthRecords {
    public static final Buckets BUCKETS = new Buckets(2, 4);
    public static final int PARTITIONS = 2;
    public static final long TOKENS_PER_STEP = 64;
    public static final String RUN = "run";

    private static final List<String> SOURCES = List.of("code", "wiki");

    public final Corpus corpus;
    public final LedgerState ledger;
    private final Map<Bucket, List<NavigableMap<Long, Sequence>>> rows = new HashMap<>();
    private int records;

    public TestCorpus(long seed, int documents) {
        CorpusSettings settings = new CorpusSettings(
                "main",
                TokenizerIdentity.builtIn("bytes", 257, 256, 0),
                Layout.NEXT_TOKEN,
                BUCKETS,
                LongDocuments.LONGEST_FIRST,
                0,
                0,
                PARTITIONS);
        corpus = new Corpus(new Topics("test", "main"), settings, Map.of(), Optional.empty());
        ledger = new LedgerState(settings);
        for (Bucket bucket : BUCKETS) {
            List<NavigableMap<Long, Sequence>> partitions = new ArrayList<>();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                partitions.add(new TreeMap<>());
            }
            rows.put(bucket, partitions);
        }
        SplitMix64 random = new SplitMix64(seed);
        for (int document = 0; document < documents; document++) {
            int partition = (int) random.nextBelow(PARTITIONS);
            String source = SOURCES.get((int) random.nextBelow(SOURCES.size()));
            for (int piece = 0; piece < 2; piece++) {
                Bucket bucket = BUCKETS.get((int) random.nextBelow(BUCKETS.count()));
                // Offsets have gaps, as transaction markers make them.
                long offset = end(bucket, partition) + random.nextBelow(3);
                partition(bucket, partition)
                        .put(offset, sequence("document-" + document, source, bucket, piece, random));
            }
        }
    }

    /// Adds a row of a part of a document to the log.
    public void addPart(Bucket bucket, int partition, String id, String wholeId) {
        Sequence sequence = sequence(id, SOURCES.getFirst(), bucket, 0, new SplitMix64(0));
        partition(bucket, partition)
                .put(
                        end(bucket, partition),
                        Sequence.newBuilder(sequence).setWholeId(wholeId).build());
    }

    /// Takes all rows from the log, as retention does.
    public void forget(Bucket bucket, int partition) {
        partition(bucket, partition).clear();
    }

    public long end(Bucket bucket, int partition) {
        NavigableMap<Long, Sequence> there = partition(bucket, partition);
        return there.isEmpty() ? 0 : there.lastKey() + 1;
    }

    /// The rows of a document, by bucket.
    public List<Sequence> rowsOf(String document) {
        return rows.values().stream()
                .flatMap(List::stream)
                .flatMap(partition -> partition.values().stream())
                .filter(sequence -> sequence.getDocumentId().equals(document))
                .toList();
    }

    /// A store that has all rows, as a replica has that read the topics.
    public SegmentStore fill(Path directory) {
        return fill(directory, BUCKETS.stream().toList());
    }

    /// A store that has the rows of these lengths, and of the others none yet.
    public SegmentStore fill(Path directory, List<Bucket> buckets) {
        SegmentStore store = SegmentStore.open(directory, corpus);
        for (Bucket bucket : buckets) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                for (Map.Entry<Long, Sequence> row :
                        partition(bucket, partition).entrySet()) {
                    store.partition(bucket, partition).append(row.getKey(), row.getValue());
                    row.getValue().getTokens().rewind();
                }
                store.partition(bucket, partition).flush(end(bucket, partition));
                store.partition(bucket, partition).checkpoint();
            }
        }
        return store;
    }

    /// Opens the bounded run and plans it to its end.
    public RunOrder planned(SegmentStore store) {
        RunSpec spec = new RunSpec(
                7,
                TOKENS_PER_STEP,
                BUCKETS,
                Curriculum.of("grow-p2", BUCKETS, List.of()),
                Weighting.ODDS_TIMES_STEPS,
                MixtureWeights.NATURAL,
                Split.TRAIN,
                RunSpec.EARLIEST,
                new Extent.Bounded(2, 1));
        RunDecisions.Rows all = new RunDecisions.Rows(
                Window.of(BUCKETS, PARTITIONS, (_, _) -> 0), Optional.of(Window.of(BUCKETS, PARTITIONS, this::end)));
        if (!(new RunDecisions(ledger).open(RUN, spec, all, 0) instanceof Decision.Append(var opened))) {
            throw new IllegalStateException("the run is not opened");
        }
        ledger.apply(records++, LedgerCodec.encode(opened));
        RunOrder order = ledger.run(RUN).orElseThrow();
        while (Planner.plan(order, store.available(Split.TRAIN), ledger.endOffset(), 0, 0, "test")
                instanceof Plan.Proposed(Manifest manifest)) {
            ledger.apply(records++, LedgerCodec.encode(manifest));
        }
        return order;
    }

    @Override
    public String name(Bucket bucket) {
        return corpus.topics().sequences(bucket);
    }

    @Override
    public Map<Long, byte[]> read(Bucket bucket, int partition, List<Long> offsets) {
        Map<Long, byte[]> found = new HashMap<>();
        for (Long offset : offsets) {
            Sequence sequence = partition(bucket, partition).get(offset);
            if (sequence != null) {
                found.put(offset, Codecs.SEQUENCE.encode(sequence));
            }
        }
        return found;
    }

    @Override
    public long beginning(Bucket bucket, int partition) {
        return 0;
    }

    private NavigableMap<Long, Sequence> partition(Bucket bucket, int partition) {
        return rows.getOrDefault(bucket, List.of()).get(partition);
    }

    private Sequence sequence(String document, String source, Bucket bucket, int piece, SplitMix64 random) {
        ByteBuffer tokens =
                ByteBuffer.allocate(corpus.settings().rowBytes(bucket)).order(ByteOrder.LITTLE_ENDIAN);
        while (tokens.hasRemaining()) {
            tokens.putShort((short) random.nextBelow(256));
        }
        tokens.flip();
        return Sequence.newBuilder()
                .setDocumentId(document)
                .setSource(source)
                .setSplit(Split.TRAIN.text())
                .setDocumentOffset(0)
                .setDocumentBytes(1)
                .setDocumentTokens(100)
                .setPiece(piece)
                .setPieces(2)
                .setStart(50 * piece)
                .setLog2(bucket.log2())
                .setPublishedMillis(0)
                .setDigest(Digests.xxh64(tokens.array()))
                .setTokens(tokens)
                .build();
    }
}
