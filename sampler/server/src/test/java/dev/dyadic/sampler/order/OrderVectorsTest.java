package dev.dyadic.sampler.order;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.proto.TokenizerIdentity;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.Weighting;
import dev.dyadic.proto.avro.Amended;
import dev.dyadic.proto.avro.Closed;
import dev.dyadic.proto.avro.Deck;
import dev.dyadic.proto.avro.Manifest;
import dev.dyadic.proto.avro.Mixture;
import dev.dyadic.proto.avro.Parent;
import dev.dyadic.proto.avro.PoolCounts;
import dev.dyadic.proto.avro.PoolRange;
import dev.dyadic.proto.avro.RunOpened;
import dev.dyadic.proto.avro.Sha256;
import dev.dyadic.proto.avro.ShedRange;
import dev.dyadic.proto.avro.SourceWeight;
import dev.dyadic.sampler.segments.RowDigest;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The vectors of docs/order.md, which another implementation has made from that page alone.
class OrderVectorsTest {
    private static final JsonNode VECTORS = load();

    static Stream<JsonNode> generator() {
        return cases("generator");
    }

    static Stream<JsonNode> below() {
        // Larger bounds occur in schedules only, and are covered by theirs.
        return cases("below")
                .filter(vector -> new BigInteger(vector.path("bound").asText()).bitLength() <= 63);
    }

    static Stream<JsonNode> keys() {
        return cases("keys");
    }

    static Stream<JsonNode> xxh64() {
        return cases("xxh64");
    }

    static Stream<JsonNode> permutation() {
        return cases("permutation");
    }

    static Stream<JsonNode> schedule() {
        return cases("schedule");
    }

    static Stream<JsonNode> rowDigest() {
        return cases("rowDigest");
    }

    static Stream<JsonNode> batchDigest() {
        return cases("batchDigest");
    }

    static Stream<JsonNode> runs() {
        return cases("runs");
    }

    @ParameterizedTest
    @MethodSource("generator")
    void generatorGives(JsonNode vector) {
        SplitMix64 random = new SplitMix64(word(vector.path("seed")));

        for (JsonNode next : vector.path("next")) {
            assertThat(random.next()).isEqualTo(word(next));
        }
    }

    @ParameterizedTest
    @MethodSource("below")
    void drawsBelow(JsonNode vector) {
        BigInteger bound = new BigInteger(vector.path("bound").asText());
        SplitMix64 random = new SplitMix64(word(vector.path("seed")));

        for (JsonNode draw : vector.path("draws")) {
            assertThat(random.nextBelow(bound.longValueExact())).isEqualTo(word(draw));
        }
    }

    @ParameterizedTest
    @MethodSource("keys")
    void keysAre(JsonNode vector) {
        assertThat(SplitMix64.key(word(vector.path("key")), words(vector.path("words"))))
                .isEqualTo(word(vector.path("result")));
    }

    @ParameterizedTest
    @MethodSource("xxh64")
    void hashesAre(JsonNode vector) {
        byte[] bytes = HexFormat.of().parseHex(vector.path("hex").asText());

        assertThat(Digests.xxh64(bytes)).isEqualTo(word(vector.path("digest")));
    }

    @ParameterizedTest
    @MethodSource("permutation")
    void permutationsAre(JsonNode vector) {
        Permutation permutation = new Permutation(vector.path("n").asLong(), word(vector.path("key")));

        int x = 0;
        for (JsonNode value : vector.path("apply")) {
            assertThat(permutation.apply(x)).isEqualTo(value.asLong());
            assertThat(permutation.invert(value.asLong())).isEqualTo(x++);
        }
    }

    @ParameterizedTest
    @MethodSource("schedule")
    void schedulesAre(JsonNode vector) {
        int min = vector.path("minLog2").asInt();
        long[] steps = longs(vector.path("steps"));

        Schedule schedule = Schedule.draw(
                new Buckets(min, min + steps.length - 1),
                steps,
                odds(vector.path("odds")),
                Weighting.of(vector.path("weighting").asText()),
                word(vector.path("key")));

        assertThat(schedule.steps()).isEqualTo(vector.path("log2s").size());
        for (int step = 0; step < schedule.steps(); step++) {
            assertThat(schedule.bucketAt(step).log2())
                    .isEqualTo(vector.path("log2s").path(step).asInt());
        }
        assertThat(schedule.digest()).isEqualTo(word(vector.path("digest")));
    }

    @ParameterizedTest
    @MethodSource("rowDigest")
    void rowDigestsAre(JsonNode vector) {
        assertThat(RowDigest.inLog(
                        word(vector.path("content")), vector.path("offset").asLong()))
                .isEqualTo(word(vector.path("digest")));
    }

    @ParameterizedTest
    @MethodSource("batchDigest")
    void batchDigestsAre(JsonNode vector) {
        long digest = 0;
        int row = vector.path("firstRow").asInt();

        for (long content : words(vector.path("contents"))) {
            digest += RowDigest.inStep(content, vector.path("step").asLong(), row++);
        }

        assertThat(digest).isEqualTo(word(vector.path("digest")));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void runsDeal(JsonNode vector) {
        JsonNode run = vector.path("run");
        Buckets buckets =
                new Buckets(run.path("minLog2").asInt(), run.path("maxLog2").asInt());
        int partitions = run.path("partitions").asInt();
        boolean bounded = run.path("extent").asText().equals("bounded");
        LedgerState ledger = new LedgerState(corpus(buckets, partitions));
        Window until = Window.of(buckets, partitions, (_, _) -> 1_000);
        RunSpec spec = new RunSpec(
                word(run.path("seed")),
                run.path("tokensPerStep").asLong(),
                buckets,
                new Curriculum(Curriculum.CUSTOM, odds(run.path("odds"))),
                Weighting.of(run.path("weighting").asText()),
                MixtureWeights.NATURAL,
                Split.TRAIN,
                RunSpec.EARLIEST,
                bounded
                        ? new Extent.Bounded(
                                run.path("cycles").asInt(), run.path("passes").asInt())
                        : new Extent.Live(1, 0, 0));
        byte[] opened = LedgerCodec.encode(Run.record(
                "run",
                spec,
                Window.of(buckets, partitions, (_, _) -> 0),
                bounded ? Optional.of(until) : Optional.empty(),
                Optional.empty(),
                0));
        assertThat(ledger.apply(0, opened)).isEqualTo(new Outcome.Accepted());
        byte[] previous = opened;
        long offset = 1;
        for (JsonNode manifest : vector.path("manifests")) {
            byte[] record = LedgerCodec.encode(manifest(manifest, offset, previous, until));
            assertThat(ledger.apply(offset, record)).isEqualTo(new Outcome.Accepted());
            previous = record;
            offset++;
        }

        RunOrder order = ledger.run("run").orElseThrow();
        checkSteps(order, vector.path("steps"));
        assertThat(order.horizon()).isEqualTo(vector.path("steps").size());
    }

    static Stream<JsonNode> ledgers() {
        return cases("ledgers");
    }

    /// Whole ledgers, records among them that do not count: amendments, forks, weights, what is shed.
    @ParameterizedTest
    @MethodSource("ledgers")
    void ledgersFold(JsonNode vector) {
        int partitions = vector.path("partitions").asInt();
        Buckets buckets = new Buckets(
                vector.path("minLog2").asInt(), vector.path("maxLog2").asInt());
        LedgerState ledger = new LedgerState(corpus(buckets, partitions));
        List<byte[]> records = new ArrayList<>();
        for (JsonNode node : vector.path("records")) {
            byte[] record = LedgerCodec.encode(record(node, partitions, records));
            boolean counts = switch (ledger.apply(records.size(), record)) {
                case Outcome.Accepted(), Outcome.AmendmentTaken _ -> true;
                case Outcome.Ignored _, Outcome.Invalid _, Outcome.Unknown _ -> false;
            };
            assertThat(counts)
                    .as("%s at offset %s", node, records.size())
                    .isEqualTo(node.path("counts").asBoolean());
            records.add(record);
        }

        for (JsonNode run : vector.path("runs")) {
            RunOrder order = ledger.run(run.path("name").asText()).orElseThrow();
            assertThat(order.horizon()).isEqualTo(run.path("horizon").asLong());
            checkSteps(order, run.path("steps"));
        }
    }

    private static SpecificRecordBase record(JsonNode node, int partitions, List<byte[]> before) {
        return switch (node.path("type").asText()) {
            case "RunOpened" -> opened(node, partitions);
            case "Manifest" -> {
                int previous = node.path("previousOffset").asInt();
                Buckets buckets = runBuckets(node.path("runId").asInt(), before);
                yield Manifest.newBuilder(manifest(
                                node,
                                node.path("basis").asLong(),
                                before.get(previous),
                                Window.of(buckets, partitions, (_, _) -> 1_000)))
                        .setRunId(node.path("runId").asLong())
                        .setPreviousOffset(previous)
                        .build();
            }
            case "Amended" ->
                Amended.newBuilder()
                        .setRunId(node.path("runId").asLong())
                        .setBasis(node.path("basis").asLong())
                        .setCurriculum(node.path("curriculum").asText())
                        .setOdds(texts(node.path("odds")))
                        .setWeighting(node.path("weighting").asText())
                        .setMixture(Objects.requireNonNull(mixture(node.path("mixture"))))
                        .setAmendedMillis(0)
                        .build();
            case "Closed" -> new Closed(node.path("runId").asLong(), 0L);
            default -> throw new IllegalStateException("unexpected " + node);
        };
    }

    private static Buckets runBuckets(int runId, List<byte[]> records) {
        try {
            if (LedgerCodec.decode(records.get(runId)) instanceof RunOpened opened) {
                return new Buckets(opened.getMinLog2(), opened.getMaxLog2());
            }
            return new Buckets(6, 8);
        } catch (UnreadableRecordException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RunOpened opened(JsonNode node, int partitions) {
        Buckets buckets =
                new Buckets(node.path("minLog2").asInt(), node.path("maxLog2").asInt());
        boolean bounded = node.path("extent").asText().equals("bounded");
        JsonNode parent = node.path("parent");
        return RunOpened.newBuilder()
                .setName(node.path("name").asText())
                .setOrderVersion(node.path("orderVersion").asInt())
                .setSeed(word(node.path("seed")))
                .setTokensPerStep(node.path("tokensPerStep").asLong())
                .setMinLog2(buckets.minLog2())
                .setMaxLog2(buckets.maxLog2())
                .setCurriculum(node.path("curriculum").asText())
                .setOdds(texts(node.path("odds")))
                .setWeighting(node.path("weighting").asText())
                .setSplit(node.path("split").asText())
                .setExtent(node.path("extent").asText())
                .setCycles(node.path("cycles").asInt())
                .setPasses(node.path("passes").asInt())
                .setCycleTokens(node.path("cycleTokens").asLong())
                .setMinCycleTokens(node.path("minCycleTokens").asLong())
                .setMaxWaitMillis(node.path("maxWaitMillis").asLong())
                .setStart(RunSpec.EARLIEST)
                .setFrom(Window.of(buckets, partitions, (_, _) -> 0).toRecords())
                .setUntil(
                        bounded
                                ? Window.of(buckets, partitions, (_, _) -> 1_000)
                                        .toRecords()
                                : List.of())
                .setOpenedMillis(0)
                .setMixture(mixture(node.path("mixture")))
                .setParent(
                        parent.isObject()
                                ? new Parent(
                                        parent.path("runId").asLong(),
                                        parent.path("step").asLong(),
                                        parent.path("skip").asLong())
                                : null)
                .build();
    }

    private static dev.dyadic.proto.avro.@Nullable Mixture mixture(JsonNode node) {
        if (!node.isObject()) {
            return null;
        }
        List<SourceWeight> sources = new ArrayList<>();
        for (JsonNode weight : node.path("sources")) {
            sources.add(new SourceWeight(
                    weight.path("source").asText(), weight.path("weight").asLong()));
        }
        return new Mixture(
                sources,
                node.path("otherSources").asLong(),
                boxed(longs(node.path("buckets"))),
                node.path("backlogTokens").asLong());
    }

    private static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        node.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static void checkSteps(RunOrder order, JsonNode steps) {
        for (JsonNode step : steps) {
            long number = step.path("step").asLong();
            CycleOrder cycle = new CycleOrder(order, order.cycleOf(number).orElseThrow());
            RowRefs refs = cycle.rows(number, 0, cycle.rowsPerStep(number));
            assertThat(refs.bucket().log2()).isEqualTo(step.path("log2").asInt());
            assertThat(refs.count()).isEqualTo(step.path("rows").size());
            for (int i = 0; i < refs.count(); i++) {
                JsonNode row = step.path("rows").path(i);
                assertThat(refs.source(i)).isEqualTo(row.path(0).asText());
                assertThat(refs.partition(i)).isEqualTo(row.path(1).asInt());
                assertThat(refs.ordinal(i)).isEqualTo(row.path(2).asLong());
            }
        }
    }

    private static Manifest manifest(JsonNode node, long offset, byte[] previous, Window window) {
        List<PoolCounts> pools = new ArrayList<>();
        for (JsonNode pool : node.path("pools")) {
            pools.add(new PoolCounts(
                    pool.path("log2").asInt(),
                    pool.path("source").asText(),
                    boxed(longs(pool.path("admitted"))),
                    boxed(words(pool.path("digests")))));
        }
        List<Deck> decks = new ArrayList<>();
        for (JsonNode deck : node.path("decks")) {
            List<PoolRange> ranges = new ArrayList<>();
            for (JsonNode range : deck.path("ranges")) {
                ranges.add(new PoolRange(
                        range.path("source").asText(),
                        range.path("from").asLong(),
                        range.path("to").asLong()));
            }
            decks.add(new Deck(
                    deck.path("log2").asInt(),
                    word(deck.path("key")),
                    ranges,
                    deck.path("firstDeckStep").asLong(),
                    deck.path("endDeckStep").asLong()));
        }
        return Manifest.newBuilder()
                .setRunId(0)
                .setCycle(node.path("cycle").asLong())
                .setFirstStep(node.path("firstStep").asLong())
                .setSteps(node.path("steps").asLong())
                .setBasis(offset)
                .setPreviousOffset(offset - 1)
                .setPreviousDigest(new Sha256(Digests.sha256(previous)))
                .setScheduleDigest(word(node.path("scheduleDigest")))
                .setWindow(window.toRecords())
                .setPools(pools)
                .setDecks(decks)
                .setPlannedMillis(0)
                .setPlanner("vectors")
                .setShed(shed(node.path("shed")))
                .build();
    }

    private static List<ShedRange> shed(JsonNode nodes) {
        List<ShedRange> shed = new ArrayList<>();
        for (JsonNode range : nodes) {
            shed.add(new ShedRange(
                    range.path("log2").asInt(),
                    range.path("source").asText(),
                    range.path("from").asLong(),
                    range.path("to").asLong()));
        }
        return shed;
    }

    private static CorpusSettings corpus(Buckets buckets, int partitions) {
        return new CorpusSettings(
                "main",
                TokenizerIdentity.builtIn("bytes", 257, 256, 0),
                Layout.NEXT_TOKEN,
                buckets,
                LongDocuments.LONGEST_FIRST,
                0,
                0,
                partitions);
    }

    private static JsonNode load() {
        try {
            return new ObjectMapper()
                    .readTree(Path.of("..", "..", "docs", "order-vectors.json").toFile());
        } catch (IOException e) {
            throw new IllegalStateException("cannot read docs/order-vectors.json", e);
        }
    }

    private static Stream<JsonNode> cases(String name) {
        return StreamSupport.stream(VECTORS.path(name).spliterator(), false);
    }

    private static long word(JsonNode node) {
        return Long.parseUnsignedLong(node.asText());
    }

    private static long[] words(JsonNode nodes) {
        return StreamSupport.stream(nodes.spliterator(), false)
                .mapToLong(OrderVectorsTest::word)
                .toArray();
    }

    private static long[] longs(JsonNode nodes) {
        return StreamSupport.stream(nodes.spliterator(), false)
                .mapToLong(JsonNode::asLong)
                .toArray();
    }

    private static List<Long> boxed(long[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    private static List<BigInteger> odds(JsonNode nodes) {
        return StreamSupport.stream(nodes.spliterator(), false)
                .map(node -> new BigInteger(node.asText()))
                .toList();
    }
}
