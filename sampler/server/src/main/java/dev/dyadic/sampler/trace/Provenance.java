package dev.dyadic.sampler.trace;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.Wholes;
import dev.dyadic.proto.avro.Sequence;
import dev.dyadic.sampler.gather.Batches;
import dev.dyadic.sampler.gather.LengthRecords;
import dev.dyadic.sampler.gather.RowNumbers;
import dev.dyadic.sampler.messages.SpecMessages;
import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.CycleOrder;
import dev.dyadic.sampler.order.LedgerState;
import dev.dyadic.sampler.order.OrderContradictionException;
import dev.dyadic.sampler.order.PoolKey;
import dev.dyadic.sampler.order.RowRefs;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.segments.PoolRows;
import dev.dyadic.sampler.segments.SegmentStore;
import dev.dyadic.v1.SamplerProto;
import dev.dyadic.v1.SamplerProto.Content;
import dev.dyadic.v1.SamplerProto.ExplainResponse;
import dev.dyadic.v1.SamplerProto.TraceRequest;
import dev.dyadic.v1.SamplerProto.TraceResponse;
import dev.dyadic.v1.SamplerProto.TracedSequence;
import dev.dyadic.v1.SamplerProto.Use;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// From a step to its documents, and from a document to its steps.
public final class Provenance {
    /// Rows of one answer to Explain.
    static final int MAX_ROWS = 16_384;
    /// Sequences of one answer to Trace.
    static final int MAX_SEQUENCES = 4_096;
    /// Rows that a trace looks at in the log, and how many at a time.
    private static final int MAX_CANDIDATES = 1 << 16;

    private static final int CANDIDATES_AT_A_TIME = 256;
    /// Facts that are looked at without a look at the clock.
    private static final int ROWS_AT_A_TIME = 16_384;

    private final CorpusSettings corpus;
    private final SegmentStore store;
    private final LengthRecords topics;
    private final LedgerState ledger;
    private final Batches batches;

    public Provenance(
            CorpusSettings corpus, SegmentStore store, LengthRecords topics, LedgerState ledger, Batches batches) {
        this.corpus = corpus;
        this.store = store;
        this.topics = topics;
        this.ledger = ledger;
        this.batches = batches;
    }

    /// A row of the log.
    private record Row(PoolKey pool, Split split, int partition, long row, long offset) {}

    /// Rows `[first, first + rows)` of a planned step.
    ///
    /// @param rows 0: to the end of the step
    public ExplainResponse explain(RunOrder order, long step, int first, int rows) {
        Cycle cycle = order.cycleOf(step)
                .orElseThrow(() -> new DyadicException(
                        DyadicException.Kind.OUT_OF_RANGE,
                        "step " + step + " of run " + order.run().name() + " is not planned: " + order.horizon()
                                + " steps are"));
        CycleOrder cycleOrder = batches.orderOf(order, cycle);
        int rowsInStep = cycleOrder.rowsPerStep(step);
        int count = rows == 0 ? rowsInStep - first : rows;
        if (first < 0 || count < 0 || first > rowsInStep - count) {
            throw new InvalidException("rows must lie within [0, " + rowsInStep + "), but were [" + first + ", "
                    + ((long) first + count) + ")");
        }
        if (count > MAX_ROWS) {
            throw new InvalidException(
                    "at most " + MAX_ROWS + " rows are explained at a time, but " + count + " were asked for");
        }
        RowRefs refs = cycleOrder.rows(step, first, count);
        Split split = order.run().spec().split();
        List<Row> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            PoolKey pool = new PoolKey(refs.bucket(), refs.source(i));
            int partition = refs.partition(i);
            long row = refs.ordinal(i) + RowNumbers.first(store, order, pool, partition);
            boolean lags = !store.has(pool, split, partition)
                    && store.partition(refs.bucket(), partition).firstOffset() == 0;
            if (lags) {
                throw new DyadicException(
                        DyadicException.Kind.NOT_READY, "this replica has not read the rows of step " + step + " yet");
            }
            if (row < 0 || !store.has(pool, split, partition)) {
                throw RowNumbers.gone(store, order, topics.name(refs.bucket()), pool, partition);
            }
            PoolRows poolRows = store.rows(pool, split, partition);
            if (row >= poolRows.count()) {
                throw new DyadicException(
                        DyadicException.Kind.NOT_READY, "this replica has not read the rows of step " + step + " yet");
            }
            found.add(new Row(pool, split, partition, row, poolRows.offset(row)));
        }
        Map<Row, SamplerProto.Sequence> sequences = describe(found);
        ExplainResponse.Builder response = ExplainResponse.newBuilder()
                .setCycle(cycle.number())
                .setLength(refs.bucket().length())
                .setRowsInStep(rowsInStep);
        for (Row row : found) {
            SamplerProto.Sequence sequence = sequences.get(row);
            if (sequence == null) {
                throw lost(row);
            }
            response.addSequences(sequence);
        }
        return response.build();
    }

    /// Looks through all rows. It ends early, with an [InterruptedException], where its caller goes.
    ///
    /// @param scan of this call alone
    public TraceResponse trace(TraceRequest request, ScanLane.Scan scan) throws InterruptedException {
        List<Row> rows = new ArrayList<>();
        switch (request.getWhatCase()) {
            case DOCUMENT_ID -> {
                // Facts have the hash of the whole's id, so the rows of a part are found through its whole.
                String id = request.getDocumentId();
                long hash = Digests.xxh64(id, 0);
                long wholeHash = Digests.xxh64(Wholes.wholeOf(id), 0);
                scan(
                        (bucket, pool, row) -> pool.documentHash(row) == hash || pool.documentHash(row) == wholeHash,
                        scan,
                        rows);
            }
            case CONTENTS -> {
                if (request.getContents().getContentsCount() > MAX_SEQUENCES) {
                    throw new InvalidException("at most " + MAX_SEQUENCES + " rows can be traced at a time, but "
                            + request.getContents().getContentsCount() + " were given");
                }
                Map<Bucket, Set<Long>> hashes = new HashMap<>();
                for (Content content : request.getContents().getContentsList()) {
                    Bucket bucket = Bucket.ofLength("length", content.getLength());
                    hashes.computeIfAbsent(bucket, _ -> new HashSet<>()).add(content.getHash());
                }
                scan(
                        (bucket, pool, row) ->
                                hashes.getOrDefault(bucket, Set.of()).contains(pool.contentHash(row)),
                        scan,
                        rows);
            }
            case WHAT_NOT_SET -> throw new InvalidException("name a document id, or contents");
        }
        List<Found> found = new ArrayList<>();
        for (int from = 0; from < rows.size(); from += CANDIDATES_AT_A_TIME) {
            scan.pause();
            List<Row> some = rows.subList(from, Math.min(from + CANDIDATES_AT_A_TIME, rows.size()));
            Map<Row, SamplerProto.Sequence> sequences = describe(some);
            for (Row row : some) {
                Optional<SamplerProto.Sequence> sequence = Optional.ofNullable(sequences.get(row));
                if (isOf(request, row, sequence)) {
                    found.add(new Found(row, sequence));
                }
            }
            if (found.size() > MAX_SEQUENCES) {
                throw tooMany(MAX_SEQUENCES);
            }
        }
        TraceResponse.Builder response = TraceResponse.newBuilder();
        found.sort(Comparator.comparingLong(Found::documentOffset).thenComparingLong(Found::start));
        for (Found one : found) {
            scan.goOn();
            response.addSequences(traced(one));
        }
        return response.build();
    }

    /// A row that is asked for, and what the log says of it, where it has it.
    private record Found(Row row, Optional<SamplerProto.Sequence> sequence) {
        long documentOffset() {
            return sequence.map(SamplerProto.Sequence::getDocumentOffset).orElse(0L);
        }

        long start() {
            return sequence.map(SamplerProto.Sequence::getStart).orElse(0);
        }
    }

    private static InvalidException tooMany(int most) {
        return new InvalidException(
                "more than " + most
                        + " sequences are found: trace a part of the text, or one part (ID#part-N) of a document that was split");
    }

    /// Tells the rows that are looked for.
    private interface Matcher {
        boolean matches(Bucket bucket, PoolRows pool, long row);
    }

    private void scan(Matcher matcher, ScanLane.Scan scan, List<Row> found) throws InterruptedException {
        for (Bucket bucket : store.buckets()) {
            for (int partition = 0; partition < store.partitions(); partition++) {
                for (Split split : Split.values()) {
                    for (String source : store.partition(bucket, partition).sources(split)) {
                        scan(matcher, new PoolKey(bucket, source), split, partition, scan, found);
                    }
                }
            }
        }
    }

    private void scan(Matcher matcher, PoolKey pool, Split split, int partition, ScanLane.Scan scan, List<Row> found)
            throws InterruptedException {
        PoolRows rows = store.rows(pool, split, partition);
        long count = rows.count();
        for (long row = 0; row < count; row++) {
            if (row % ROWS_AT_A_TIME == 0) {
                scan.goOn();
            }
            if (matcher.matches(pool.bucket(), rows, row)) {
                if (found.size() == MAX_CANDIDATES) {
                    throw tooMany(MAX_CANDIDATES);
                }
                found.add(new Row(pool, split, partition, row, rows.offset(row)));
            }
        }
    }

    /// What the log says of these rows; those that it no longer has are missing.
    private Map<Row, SamplerProto.Sequence> describe(List<Row> rows) {
        Map<PartitionKey, TreeMap<Long, Row>> byPartition = new HashMap<>();
        for (Row row : rows) {
            byPartition
                    .computeIfAbsent(new PartitionKey(row.pool().bucket(), row.partition()), _ -> new TreeMap<>())
                    .put(row.offset(), row);
        }
        Map<Row, SamplerProto.Sequence> found = new HashMap<>();
        byPartition.forEach((key, wanted) -> topics.read(key.bucket(), key.partition(), List.copyOf(wanted.keySet()))
                .forEach((offset, record) -> {
                    Row row = wanted.get(offset);
                    if (row != null) {
                        found.put(row, message(row, record));
                    }
                }));
        return found;
    }

    private record PartitionKey(Bucket bucket, int partition) {}

    private SamplerProto.Sequence message(Row row, byte[] record) {
        try {
            Sequence sequence = Codecs.SEQUENCE.decode(record);
            return SamplerProto.Sequence.newBuilder()
                    .setDocumentId(sequence.getDocumentId())
                    .setSource(sequence.getSource())
                    .setSplit(SpecMessages.format(row.split()))
                    .setLength(Bucket.of(sequence.getLog2()).length())
                    .setStart(sequence.getStart())
                    .setTokens(corpus.layout().rowTokens(Bucket.of(sequence.getLog2())))
                    .setDocumentTokens(sequence.getDocumentTokens())
                    .setPiece(sequence.getPiece())
                    .setPieces(sequence.getPieces())
                    .setDocumentOffset(sequence.getDocumentOffset())
                    .setPartition(row.partition())
                    .setOffset(row.offset())
                    .setPublishedMillis(sequence.getPublishedMillis())
                    .setWholeId(Optional.ofNullable(sequence.getWholeId()).orElse(""))
                    .build();
        } catch (UnreadableRecordException e) {
            throw new IllegalStateException("a row stands at a record that is no sequence: " + row, e);
        }
    }

    /// Hashes have 64 bits, so the id decides. A row that Kafka no longer has is given the benefit of the doubt, but
    /// not where only its whole is known, and a part is asked for.
    private boolean isOf(TraceRequest request, Row row, Optional<SamplerProto.Sequence> sequence) {
        if (!request.hasDocumentId()) {
            return true;
        }
        String id = request.getDocumentId();
        return sequence.map(found ->
                        found.getDocumentId().equals(id) || found.getWholeId().equals(id))
                .orElseGet(() ->
                        store.rows(row.pool(), row.split(), row.partition()).documentHash(row.row())
                                == Digests.xxh64(id, 0));
    }

    private TracedSequence traced(Found found) {
        Row row = found.row();
        SamplerProto.Sequence known = found.sequence()
                .orElseGet(() -> SamplerProto.Sequence.newBuilder()
                        .setSource(row.pool().source())
                        .setSplit(SpecMessages.format(row.split()))
                        .setLength(row.pool().bucket().length())
                        .setPartition(row.partition())
                        .setOffset(row.offset())
                        .build());
        TracedSequence.Builder traced = TracedSequence.newBuilder().setSequence(known);
        for (RunOrder order : ledger.runs()) {
            if (ledger.obstacle(order.run().name()).isEmpty()
                    && order.run().spec().split() == row.split()
                    && order.run().spec().buckets().contains(row.pool().bucket())) {
                uses(order, row, traced);
            }
        }
        return traced.build();
    }

    private void uses(RunOrder order, Row row, TracedSequence.Builder traced) {
        long ordinal;
        try {
            ordinal = row.row() - RowNumbers.first(store, order, row.pool(), row.partition());
        } catch (OrderContradictionException e) {
            // Retention has taken the beginning of this run: rows cannot be numbered here.
            return;
        }
        if (ordinal < 0) {
            return;
        }
        for (Cycle cycle : order.cycles().dealing(row.pool(), row.partition(), ordinal)) {
            batches.orderOf(order, cycle)
                    .placeOf(row.pool(), row.partition(), ordinal)
                    .ifPresent(place -> traced.addUses(Use.newBuilder()
                            .setRun(order.run().name())
                            .setStep(place.step())
                            .setRow(place.row())));
        }
    }

    private DyadicException lost(Row row) {
        return new DyadicException(
                DyadicException.Kind.DATA_LOSS,
                topics.name(row.pool().bucket()) + " partition " + row.partition() + " offset " + row.offset()
                        + ": Kafka no longer has this record, so its document is not known");
    }
}
