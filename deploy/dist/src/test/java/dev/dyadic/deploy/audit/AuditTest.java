package dev.dyadic.deploy.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.deploy.history.History;
import dev.dyadic.deploy.stats.CorpusStats;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.LostDocuments;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.proto.TokenizerIdentity;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.avro.Manifest;
import dev.dyadic.proto.avro.Reject;
import dev.dyadic.proto.avro.Sequence;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A history that was really written passes; the same history with one thing broken does not, and the audit says where.
class AuditTest {
    @TempDir
    private static Path directory = Path.of("");

    /// Before it, documents came that no earlier cycle has rows of.
    private static final int LATE_CYCLE = 3;

    private static History written = new Empty();

    @BeforeAll
    static void write() {
        written = WrittenHistory.in(directory);
    }

    @AfterAll
    static void forget() {
        written = new Empty();
    }

    @ParameterizedTest
    @MethodSource("runs")
    void aHistoryThatWasReallyWrittenPasses(String run) {
        AuditReport report = Audit.of(written, run, Audit.Served.nothing());

        assertThat(report.ok()).as("%s", report).isTrue();
        assertThat(report.laws())
                .hasSize(6)
                .allSatisfy(law -> assertThat(law.detail()).isNotEmpty());
    }

    static Stream<String> runs() {
        return Stream.of(WrittenHistory.LIVE, WrittenHistory.BOUNDED);
    }

    static Stream<Arguments> breaks() {
        return Stream.of(
                arguments(
                        "a row is lost",
                        Law.PURE_BATCHES,
                        history -> rows(history).remove(3)),
                arguments(
                        "a row is lost",
                        Law.CONSERVATION,
                        history -> rows(history).remove(3)),
                arguments(
                        "the last row is lost",
                        Law.CONSERVATION,
                        history -> rows(history).removeLast()),
                arguments("a row is doubled", Law.PURE_BATCHES, history -> {
                    List<History.Entry> rows = rows(history);
                    rows.add(4, at(rows.get(3).offset() + 1, rows.get(3)));
                    shift(rows, 5);
                }),
                arguments("a row is doubled", Law.SINGLE_ORIGIN, history -> {
                    List<History.Entry> rows = rows(history);
                    rows.add(4, at(rows.get(3).offset() + 1, rows.get(3)));
                    shift(rows, 5);
                }),
                arguments("two rows are swapped", Law.PURE_BATCHES, history -> {
                    List<History.Entry> rows = rows(history);
                    History.Entry third = rows.get(3);
                    History.Entry fourth = rows.get(4);
                    rows.set(3, at(third.offset(), fourth));
                    rows.set(4, at(fourth.offset(), third));
                }),
                arguments("a token is altered", Law.PURE_BATCHES, history -> alter(history, false)),
                arguments("a token is altered, and its digest too", Law.PURE_BATCHES, history -> alter(history, true)),
                arguments("a row moves to another length", Law.ONE_LENGTH, history -> {
                    String other = history.topics().sequences(Bucket.of(7));
                    history.records(other, 0).addFirst(at(-1, rows(history).getFirst()));
                }),
                arguments("a document is lost", Law.SINGLE_ORIGIN, history -> {
                    long lost = decode(rows(history).get(3)).getDocumentOffset();
                    documents(history).removeIf(document -> document.offset() == lost);
                }),
                arguments(
                        "a reject is lost",
                        Law.CONSERVATION,
                        history -> rejects(history).removeFirst()),
                arguments(
                        "a reject is doubled",
                        Law.CONSERVATION,
                        history ->
                                rejects(history).add(at(10_000, rejects(history).getFirst()))),
                arguments("a document is decomposed twice", Law.CONSERVATION, AuditTest::decomposeADuplicate),
                arguments("two texts of one id are there", Law.CONSERVATION, AuditTest::makePartsOfTwoTexts),
                arguments("a row stands in the other split", Law.SINGLE_ORIGIN, AuditTest::moveToOtherSplit),
                arguments("a reject counts other bytes", Law.CONSERVATION, AuditTest::shrinkReject),
                arguments(
                        "a ledger record is lost",
                        Law.PURE_BATCHES,
                        history -> ledger(history).remove(ledger(history).size() - 2)),
                arguments("a manifest is altered", Law.PURE_BATCHES, history -> alterManifest(history)),
                arguments(
                        "bytes on the ledger that are no record",
                        Law.PURE_BATCHES,
                        history -> ledger(history)
                                .add(new History.Entry(
                                        ledger(history).getLast().offset() + 1, 0, new History.Value(new byte[] {1
                                        })))));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("breaks")
    void aBrokenHistoryIsFound(String name, Law law, Consumer<MemoryHistory> breaking) {
        MemoryHistory history = MemoryHistory.copyOf(written);
        breaking.accept(history);

        AuditReport report = Audit.of(history, WrittenHistory.LIVE, Audit.Served.nothing());

        assertThat(report.ok()).isFalse();
        assertThat(report.laws().get(law.number() - 1)).as("%s", report).satisfies(found -> {
            assertThat(found.ok()).as(name).isFalse();
            assertThat(found.detail()).containsPattern("audit\\.[a-z.0-9]+ partition \\d+ offset -?\\d+");
        });
    }

    static LongStream seeds() {
        return LongStream.range(0, 40);
    }

    /// Whatever retention takes, and wherever, nothing is said to be lost.
    @ParameterizedTest
    @MethodSource("seeds")
    void whatRetentionTookBreaksNoLaw(long seed) {
        MemoryHistory history = MemoryHistory.copyOf(written);
        trim(history, new SplitMix64(seed));

        for (String run : List.of(WrittenHistory.LIVE, WrittenHistory.BOUNDED)) {
            AuditReport report = Audit.of(history, run, Audit.Served.nothing());
            assertThat(report.ok()).as("%s", report).isTrue();
        }
        CorpusStats.Documents documents = CorpusStats.of(history).documents();
        assertThat(documents.decomposed() + documents.rejected() + documents.trimmed())
                .isEqualTo(documents.accepted());
        assertThat(documents.bytesDecomposed() + documents.bytesRejected() + documents.bytesTrimmed())
                .isEqualTo(documents.bytes());
    }

    /// What is lost behind it is found all the same.
    @ParameterizedTest
    @MethodSource("seeds")
    void aRowThatIsLostIsToldFromWhatRetentionTook(long seed) {
        MemoryHistory history = MemoryHistory.copyOf(written);
        SplitMix64 random = new SplitMix64(seed);
        List<History.Entry> rows = rows(history);
        String lengths = history.topics().sequences(Bucket.of(6));
        long lost = decode(rows.getLast()).getDocumentOffset();
        history.trim(history.topics().documents(), 0, random.nextBelow(lost));
        history.trim(
                history.topics().rejects(),
                0,
                random.nextBelow(
                        rejects(history).get(rejects(history).size() / 2).offset()));
        history.trim(lengths, 0, random.nextBelow(rows.get(rows.size() / 2).offset()));
        rows.removeLast();

        AuditReport report = Audit.of(history, WrittenHistory.BOUNDED, Audit.Served.nothing());

        assertThat(report.laws().getFirst().ok()).as("%s", report).isFalse();
    }

    static Stream<Arguments> newBreaks() {
        return Stream.of(
                arguments(
                        "the last row is lost",
                        Law.CONSERVATION,
                        history -> rows(history).removeLast()),
                arguments(
                        "a token of the last row is altered",
                        Law.PURE_BATCHES,
                        history -> alter(history, rows(history).size() - 1, false)),
                arguments("the last row is doubled", Law.SINGLE_ORIGIN, history -> {
                    History.Entry last = rows(history).getLast();
                    rows(history).add(at(last.offset() + 1, last));
                }),
                arguments(
                        "the last reject is lost",
                        Law.CONSERVATION,
                        history -> rejects(history).removeLast()));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("newBreaks")
    void whatBrokeSinceACycleIsFoundByALookAtWhatCameSince(String name, Law law, Consumer<MemoryHistory> breaking) {
        MemoryHistory history = MemoryHistory.copyOf(written);
        assertThat(since(history, LATE_CYCLE).ok()).isTrue();
        breaking.accept(history);

        AuditReport report = since(history, LATE_CYCLE);

        assertThat(report.laws().get(law.number() - 1).ok())
                .as("%s: %s", name, report)
                .isFalse();
    }

    @Test
    void aLookAtWhatCameSinceACycleLeavesOutTheRest() {
        MemoryHistory history = MemoryHistory.copyOf(written);
        rows(history).remove(3);

        assertThat(since(history, LATE_CYCLE).ok()).isTrue();
        assertThat(since(history, 0).ok()).isFalse();
        assertThatThrownBy(() -> Audit.since(
                        history, WrittenHistory.BOUNDED, _ -> 1, Audit.Served.nothing(), Audit.Settings.WHOLE))
                .hasMessageStartingWith("run bounded is bounded: its cycles deal rows of one window");
    }

    private static AuditReport since(History history, int cycle) {
        return Audit.since(history, WrittenHistory.LIVE, _ -> cycle, Audit.Served.nothing(), Audit.Settings.WHOLE);
    }

    @Test
    void documentsThatWereLostBeforeTheyWereDecomposedAreNamed() {
        MemoryHistory history = MemoryHistory.copyOf(written);
        String topic = history.topics().documents();
        Reject lost = new LostDocuments(topic, 0, 0, 7).toReject();
        history.trim(topic, 0, 7);
        for (Bucket bucket : history.settings().buckets()) {
            history.records(history.topics().sequences(bucket), 0)
                    .removeIf(row -> decode(row).getDocumentOffset() < 7);
        }
        rejects(history).removeIf(reject -> reject(reject).getPosition() < 7);
        rejects(history).addFirst(new History.Entry(-1, 0, new History.Value(Codecs.REJECT.encode(lost))));

        String range = "offsets 0 to 6 of audit.documents partition 0 were deleted before they were decomposed: at most"
                + " 7 documents are lost";
        CorpusStats stats = CorpusStats.of(history);
        assertThat(stats.lost()).containsExactly(range);
        assertThat(stats.documents().lostAtMost()).isEqualTo(7);
        assertThat(Audit.of(history, WrittenHistory.LIVE, Audit.Served.nothing())
                        .laws()
                        .getFirst()
                        .detail())
                .contains(range);
    }

    private static void trim(MemoryHistory history, SplitMix64 random) {
        List<String> topics =
                new ArrayList<>(history.topics().sequences(history.settings().buckets()));
        topics.add(history.topics().documents());
        topics.add(history.topics().rejects());
        for (String topic : topics) {
            for (int partition = 0; partition < history.settings().partitions(); partition++) {
                List<History.Entry> records = history.records(topic, partition);
                long end = records.isEmpty() ? 0 : records.getLast().offset() + 1;
                if (random.nextBelow(2) == 0) {
                    history.trim(topic, partition, random.nextBelow(end + 1));
                }
            }
        }
    }

    @Test
    void aDigestThatWasServedOtherwiseIsFound() {
        AuditReport report =
                Audit.of(written, WrittenHistory.BOUNDED, step -> step == 2 ? Optional.of(1L) : Optional.empty());

        assertThat(report.laws().get(2).ok()).isFalse();
        assertThat(report.laws().get(2).detail()).contains("step 2 of length").contains("was served with digest 1");
    }

    @Test
    void aRunThatIsNotThereIsSaidToBeMissing() {
        assertThatThrownBy(() -> Audit.of(written, "nobody", Audit.Served.nothing()))
                .hasMessage("there is no run 'nobody' in audit.main.ledger; 'dyadic run list' shows those there are");
    }

    private static Arguments arguments(String name, Law law, Consumer<MemoryHistory> breaking) {
        return Arguments.of(name, law, breaking);
    }

    private static List<History.Entry> rows(MemoryHistory history) {
        return history.records(history.topics().sequences(Bucket.of(6)), 0);
    }

    private static List<History.Entry> documents(MemoryHistory history) {
        return history.records(history.topics().documents(), 0);
    }

    private static List<History.Entry> rejects(MemoryHistory history) {
        return history.records(history.topics().rejects(), 0);
    }

    private static List<History.Entry> ledger(MemoryHistory history) {
        return history.records(history.topics().ledger(), 0);
    }

    private static History.Entry at(long offset, History.Entry entry) {
        return new History.Entry(offset, entry.timestampMillis(), entry.value());
    }

    private static void shift(List<History.Entry> rows, int from) {
        for (int i = from; i < rows.size(); i++) {
            rows.set(i, at(rows.get(i).offset() + 1, rows.get(i)));
        }
    }

    private static void alter(MemoryHistory history, boolean digestToo) {
        alter(history, 3, digestToo);
    }

    private static void alter(MemoryHistory history, int row, boolean digestToo) {
        History.Entry entry = rows(history).get(row);
        Sequence sequence = decode(entry);
        byte[] tokens =
                Arrays.copyOf(sequence.getTokens().array(), sequence.getTokens().remaining());
        tokens[10] ^= 1;
        Sequence altered = Sequence.newBuilder(sequence)
                .setTokens(ByteBuffer.wrap(tokens))
                .setDigest(digestToo ? Digests.xxh64(tokens) : sequence.getDigest())
                .build();
        rows(history)
                .set(row, new History.Entry(entry.offset(), 0, new History.Value(Codecs.SEQUENCE.encode(altered))));
    }

    /// As if the decomposer had forgotten that it knew the id: everything else is as it has to be.
    private static void decomposeADuplicate(MemoryHistory history) {
        Reject duplicate = reject(rejects(history).removeLast());
        assertThat(duplicate.getReason()).isEqualTo("duplicate");
        for (Bucket bucket : history.settings().buckets()) {
            List<History.Entry> rows = history.records(history.topics().sequences(bucket), 0);
            for (History.Entry row : List.copyOf(rows)) {
                Sequence sequence = decode(row);
                if (sequence.getDocumentId().equals(duplicate.getDocumentId())) {
                    Sequence again = Sequence.newBuilder(sequence)
                            .setDocumentOffset(duplicate.getPosition())
                            .build();
                    rows.add(new History.Entry(
                            rows.getLast().offset() + 1, 0, new History.Value(Codecs.SEQUENCE.encode(again))));
                }
            }
        }
    }

    /// As if two documents were parts of different texts with one id.
    private static void makePartsOfTwoTexts(MemoryHistory history) {
        List<String> ids = rows(history).stream()
                .map(row -> decode(row).getDocumentId())
                .distinct()
                .limit(2)
                .toList();
        for (Bucket bucket : history.settings().buckets()) {
            history.records(history.topics().sequences(bucket), 0).replaceAll(row -> {
                Sequence sequence = decode(row);
                int text = ids.indexOf(sequence.getDocumentId());
                Sequence part = text < 0
                        ? sequence
                        : Sequence.newBuilder(sequence)
                                .setWholeId("whole")
                                .setWholeDigest(text)
                                .build();
                return new History.Entry(
                        row.offset(), row.timestampMillis(), new History.Value(Codecs.SEQUENCE.encode(part)));
            });
        }
    }

    private static void moveToOtherSplit(MemoryHistory history) {
        History.Entry entry = rows(history).get(3);
        Sequence moved = Sequence.newBuilder(decode(entry))
                .setSplit(Split.HOLDOUT.text())
                .build();
        rows(history).set(3, new History.Entry(entry.offset(), 0, new History.Value(Codecs.SEQUENCE.encode(moved))));
    }

    private static Reject reject(History.Entry entry) {
        try {
            return Codecs.REJECT.decode(entry.value().bytes());
        } catch (UnreadableRecordException e) {
            throw new AssertionError(e);
        }
    }

    private static void shrinkReject(MemoryHistory history) {
        History.Entry entry = rejects(history).getFirst();
        Reject reject = reject(entry);
        Reject smaller = Reject.newBuilder(reject)
                .setDocumentBytes(reject.getDocumentBytes() - 1)
                .build();
        rejects(history).set(0, new History.Entry(entry.offset(), 0, new History.Value(Codecs.REJECT.encode(smaller))));
    }

    private static void alterManifest(MemoryHistory history) {
        List<History.Entry> ledger = ledger(history);
        for (int i = 0; i < ledger.size(); i++) {
            try {
                if (LedgerCodec.decode(ledger.get(i).value().bytes()) instanceof Manifest manifest) {
                    Manifest altered = Manifest.newBuilder(manifest)
                            .setPlanner("somebody else")
                            .build();
                    ledger.set(
                            i,
                            new History.Entry(
                                    ledger.get(i).offset(), 0, new History.Value(LedgerCodec.encode(altered))));
                    return;
                }
            } catch (UnreadableRecordException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static Sequence decode(History.Entry entry) {
        try {
            return Codecs.SEQUENCE.decode(entry.value().bytes());
        } catch (UnreadableRecordException e) {
            throw new AssertionError(e);
        }
    }

    private static final class Empty implements History {
        @Override
        public Topics topics() {
            return new Topics("audit", "main");
        }

        @Override
        public CorpusSettings settings() {
            return new CorpusSettings(
                    "main",
                    TokenizerIdentity.builtIn("bytes", 257, 256, 0),
                    Layout.NEXT_TOKEN,
                    new Buckets(5, 8),
                    LongDocuments.LONGEST_FIRST,
                    0,
                    0,
                    1);
        }

        @Override
        public long decomposedUpTo(int partition) {
            return 0;
        }

        @Override
        public Beginning beginning(String topic, int partition) {
            return Beginning.WHOLE;
        }

        @Override
        public Cursor open(String topic, int partition) {
            return () -> null;
        }
    }
}
