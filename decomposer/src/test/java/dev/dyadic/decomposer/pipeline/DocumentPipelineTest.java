package dev.dyadic.decomposer.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.decomposer.tokenize.Tokenizer;
import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.decomposer.tokenize.Tokens;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.TokenizerIdentity;
import dev.dyadic.proto.Wholes;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.avro.Reject;
import dev.dyadic.proto.avro.Sequence;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DocumentPipelineTest {
    private final Map<String, Long> seen = new HashMap<>();
    private final Set<String> sources = new HashSet<>();
    private final SeenDocuments store = new SeenDocuments() {
        private long lastRejected = -1;

        @Override
        public long lastRejected() {
            return lastRejected;
        }

        @Override
        public OptionalLong decomposedAt(String id) {
            Long offset = seen.get(id);
            return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
        }

        @Override
        public boolean admitsSource(String source, int limit) {
            return sources.contains(source) || sources.size() < limit;
        }

        @Override
        public void decomposed(String id, String source, long offset) {
            seen.put(id, offset);
            sources.add(source);
        }

        @Override
        public void rejected(long offset) {
            lastRejected = offset;
        }
    };
    private long nextOffset;
    private final DocumentPipeline pipeline = pipeline(Tokenizers.named("bytes"));

    @Test
    void piecesCarryWhatLaw1NeedsToBeRecomputed() {
        String text = "x".repeat(100);

        List<Sequence> sequences =
                decomposed(process(7, "id", encode("id", "src", text.getBytes(StandardCharsets.UTF_8))));

        // 101 tokens with end-of-text: 65 + 33, and a tail of 3.
        assertThat(sequences).extracting(Sequence::getLog2).containsExactly(6, 5);
        assertThat(sequences).extracting(Sequence::getStart).containsExactly(0, 65);
        assertThat(sequences).allSatisfy(sequence -> {
            assertThat(sequence.getDocumentTokens()).isEqualTo(101);
            assertThat(sequence.getDocumentOffset()).isEqualTo(7);
            assertThat(sequence.getPieces()).isEqualTo(2);
            assertThat(sequence.getSource()).isEqualTo("src");
            assertThat(sequence.getDigest())
                    .isEqualTo(Digests.xxh64(sequence.getTokens().array()));
        });
    }

    @Test
    void theSecondDocumentOfAnIdIsRejectedAndARepeatIsNothing() {
        byte[] value = encode("id", "src", "x".repeat(40).getBytes(StandardCharsets.UTF_8));

        assertThat(process(7, "id", value)).isInstanceOf(Outcome.Decomposed.class);
        assertThat(process(7, "id", value)).isEqualTo(new Outcome.Repeated());
        assertThat(rejected(process(9, "id", value))).satisfies(reject -> {
            assertThat(reject.getStage()).isEqualTo("deduplicate");
            assertThat(reject.getReason()).isEqualTo("duplicate");
            assertThat(reject.getDetail()).isEqualTo("expected a new document id, but it came before at offset 7");
        });
    }

    @Test
    void aCorrectedDocumentIsNoDuplicateOfTheOneThatWasRejected() {
        byte[] tooShort = encode("id", "src", "ab".getBytes(StandardCharsets.UTF_8));
        byte[] corrected = encode("id", "src", "x".repeat(40).getBytes(StandardCharsets.UTF_8));

        assertThat(rejected(process(3, "id", tooShort)).getReason()).isEqualTo("short");
        assertThat(process(5, "id", corrected)).isInstanceOf(Outcome.Decomposed.class);
        assertThat(rejected(process(6, "id", corrected)).getReason()).isEqualTo("duplicate");
    }

    @Test
    void whatComesAgainIsARepeatWhateverBecameOfIt() {
        byte[] tooShort = encode("id", "src", "ab".getBytes(StandardCharsets.UTF_8));
        byte[] corrected = encode("id", "src", "x".repeat(40).getBytes(StandardCharsets.UTF_8));
        process(3, "id", tooShort);
        process(5, "id", corrected);

        assertThat(process(3, "id", tooShort)).isEqualTo(new Outcome.Repeated());
        assertThat(process(5, "id", corrected)).isEqualTo(new Outcome.Repeated());
        assertThat(process(6, "other", corrected)).isInstanceOf(Outcome.Rejected.class);
    }

    @Test
    void whereOffsetsAreSetBackEachDocumentHasOneOutcomeAndItIsTheSame() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            List<Incoming> log = documents(random);
            Map<Long, String> once = new TreeMap<>();
            log.forEach(incoming -> put(once, incoming, pipeline.process(incoming, store)));

            seen.clear();
            sources.clear();
            store.rejected(-1);
            Map<Long, String> withRepeats = new TreeMap<>();
            int next = 0;
            while (next < log.size()) {
                put(withRepeats, log.get(next), pipeline.process(log.get(next), store));
                next = random.nextInt(4) == 0 ? random.nextInt(next + 1) : next + 1;
            }
            seen.clear();
            sources.clear();
            store.rejected(-1);

            assertThat(withRepeats).isEqualTo(once);
        }
    }

    /// Few ids, so that they come often; some texts are too short.
    private static List<Incoming> documents(Random random) {
        List<Incoming> log = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            String id = "id-" + random.nextInt(10);
            byte[] text = "x".repeat(random.nextBoolean() ? 2 : 40).getBytes(StandardCharsets.UTF_8);
            log.add(incoming(3L * i, id, encode(id, "source-" + random.nextInt(3), text)));
        }
        return log;
    }

    /// Nothing for a repeat; a second outcome fails.
    private static void put(Map<Long, String> outcomes, Incoming incoming, Outcome outcome) {
        if (!(outcome instanceof Outcome.Repeated)) {
            assertThat(outcomes.put(incoming.offset(), outcome.toString())).isNull();
        }
    }

    @Test
    void aSourceTakesItsPlaceWhenItsFirstRowsComeOut() {
        byte[] tooShort = "ab".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i <= Limits.MAX_SOURCES; i++) {
            process(i, "id-" + i, encode("id-" + i, "short-" + i, tooShort));
        }

        byte[] value = encode("good", "good", "x".repeat(40).getBytes(StandardCharsets.UTF_8));
        assertThat(process(1000, "good", value)).isInstanceOf(Outcome.Decomposed.class);
        assertThat(sources).containsExactly("good");
    }

    @Test
    void shortDocumentsAreRejectedWithTheirTokens() {
        Reject reject = rejected(process(3, "id", encode("id", "src", "ab".getBytes(StandardCharsets.UTF_8))));

        assertThat(reject.getReason()).isEqualTo("short");
        assertThat(reject.getDetail()).isEqualTo("expected at least 33 tokens, but there are 3");
        assertThat(reject.getDocumentTokens()).isEqualTo(3);
        assertThat(reject.getPosition()).isEqualTo(3);
        assertThat(reject.getOrigin()).isEqualTo("documents");
    }

    @Test
    void whatIsNoDocumentIsRejectedWhole() {
        byte[] junk = {1, 2, 3};

        Reject reject = rejected(process(3, "id", junk));

        assertThat(reject.getStage()).isEqualTo("check");
        assertThat(reject.getReason()).isEqualTo("not-avro");
        assertThat(reject.getRecord()).isEqualTo(ByteBuffer.wrap(junk));
        assertThat(reject.getDocumentBytes()).isEqualTo(3);
        assertThat(rejected(pipeline.process(new Incoming("documents", 4, 0, null, null), store))
                        .getReason())
                .isEqualTo("no-value");
    }

    @Test
    void documentsThatOthersWroteAreCheckedToo() {
        byte[] text = "x".repeat(40).getBytes(StandardCharsets.UTF_8);

        assertThat(reason("id", encode("id", "src", new byte[0]))).isEqualTo("empty-text");
        assertThat(reason("id", encode("id", "src", new byte[] {(byte) 0xc3}))).isEqualTo("not-utf8");
        assertThat(reason("id", encode("id", "src", new byte[Limits.MAX_TEXT_BYTES + 1])))
                .isEqualTo("too-large");
        assertThat(reason("other", encode("id", "src", text))).isEqualTo("wrong-key");
        assertThat(reason("", encode("", "src", text))).isEqualTo("empty-id");
        assertThat(reason("id", encode("id", "", text))).isEqualTo("empty-source");
        assertThat(reason("id", encode("id", "s".repeat(Limits.MAX_SOURCE_BYTES + 1), text)))
                .isEqualTo("too-large");
        assertThat(seen).isEmpty();
    }

    @Test
    void partsStandByTheirWholeAndOnlyTheLastOneEndsIt() {
        DocumentPipeline split = pipeline(Tokenizers.named("bytes"), 500_000);
        String text = "0123456789abcdef0123456789abcdef".repeat(2);
        Set<String> splits = new HashSet<>();
        for (int whole = 0; whole < 50; whole++) {
            String id = "whole-" + whole;
            List<Sequence> rows = new ArrayList<>();
            for (int part = 0; part < 3; part++) {
                byte[] value = encode(part(id, text, part, 3).build());
                rows.addAll(decomposed(split.process(incoming(nextOffset++, id, value), store)));
            }

            // 64 bytes are 33 and a tail of 31, but with end-of-text 65 are one row.
            assertThat(rows).extracting(Sequence::getLog2).containsExactly(5, 5, 6);
            assertThat(rows).extracting(Sequence::getDocumentTokens).containsExactly(64, 64, 65);
            assertThat(rows).allSatisfy(row -> assertThat(row.getWholeId()).isEqualTo(id));
            assertThat(rows)
                    .extracting(Sequence::getSplit)
                    .containsOnly(rows.getFirst().getSplit());
            splits.add(rows.getFirst().getSplit());
        }
        assertThat(splits).containsExactlyInAnyOrder("train", "holdout");
    }

    @Test
    void onlyTheFirstPartHasABeginning() {
        Tokenizer bytes = Tokenizers.named("bytes");
        DocumentPipeline beginning = pipeline(new Tokenizer() {
            @Override
            public TokenizerIdentity identity() {
                return new TokenizerIdentity("begin", 258, 256, OptionalInt.of(257), 0, Optional.empty(), "");
            }

            @Override
            public Tokens encode(byte[] text) {
                return Tokens.of(IntStream.concat(
                                IntStream.of(257),
                                Arrays.stream(bytes.encode(text).toArray()))
                        .toArray());
            }
        });
        // With begin, without, and with end: rows of 33 tokens each, and no tail.
        List<String> texts = List.of("x".repeat(32), "y".repeat(33), "z".repeat(32));

        List<Integer> tokens = new ArrayList<>();
        for (int part = 0; part < 3; part++) {
            byte[] value = encode(part("whole", texts.get(part), part, 3).build());
            Sequence row = decomposed(beginning.process(incoming(nextOffset++, "whole", value), store))
                    .getFirst();
            assertThat(row.getDocumentTokens()).isEqualTo(33);
            ByteBuffer ids = row.getTokens().order(ByteOrder.LITTLE_ENDIAN);
            while (ids.hasRemaining()) {
                tokens.add((int) ids.getShort());
            }
        }

        assertThat(tokens)
                .isEqualTo(IntStream.concat(
                                IntStream.of(257),
                                Arrays.stream(
                                        bytes.encode(String.join("", texts)).toArray()))
                        .boxed()
                        .toList());
    }

    @Test
    void aPartThatCannotBeOneIsRejected() {
        String text = "x".repeat(40);
        for (int[] part : new int[][] {{-1, 3}, {3, 3}, {0, 0}, {4, 2}}) {
            assertThat(reason(
                            "whole",
                            encode(part("whole", text, part[0], part[1]).build())))
                    .isEqualTo("bad-part");
        }
        assertThat(reason(
                        "id",
                        encode(part("whole", text, 0, 2)
                                .setWholeId(null)
                                .setId("id")
                                .build())))
                .isEqualTo("bad-part");
        assertThat(reason("", encode(part("", text, 0, 2).build()))).isEqualTo("empty-wholeId");
        assertThat(reason("whole#part-1", encode(part("whole", text, 1, 2).build())))
                .isEqualTo("wrong-key");
        assertThat(seen).isEmpty();
    }

    /// One text of an id is decomposed: whole, or in parts, whichever comes first.
    @Test
    void anotherTextOfTheSameIdIsADuplicateInPartsOrNot() {
        byte[] unsplit = encode("a", "src", "x".repeat(40).getBytes(StandardCharsets.UTF_8));
        assertThat(process(1, "a", unsplit)).isInstanceOf(Outcome.Decomposed.class);
        assertThat(rejected(process(2, "a", version("a", 0, 2, 7))).getReason()).isEqualTo("duplicate");
        assertThat(rejected(process(3, "a", version("a", 1, 2, 7))).getDetail())
                .isEqualTo("expected a new document id, but it came before at offset 1");

        assertThat(process(4, "b", version("b", 0, 2, 7))).isInstanceOf(Outcome.Decomposed.class);
        // Longer than the first one: part 2 has an id that nobody has seen.
        for (int part = 0; part < 3; part++) {
            assertThat(rejected(process(5 + part, "b", version("b", part, 3, 8)))
                            .getReason())
                    .isEqualTo("duplicate");
        }
        assertThat(process(8, "b", version("b", 1, 2, 7))).isInstanceOf(Outcome.Decomposed.class);
        assertThat(process(8, "b", version("b", 1, 2, 7))).isEqualTo(new Outcome.Repeated());
        assertThat(rejected(process(9, "b", encode("b", "src", new byte[40]))).getReason())
                .isEqualTo("duplicate");
    }

    private static byte[] version(String whole, int part, int parts, long digest) {
        return encode(
                part(whole, "x".repeat(40), part, parts).setWholeDigest(digest).build());
    }

    @Test
    void aFloodOfSourcesIsRejectedAndTheKnownOnesGoOn() {
        byte[] text = "x".repeat(40).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < Limits.MAX_SOURCES; i++) {
            assertThat(process(i, "id-" + i, encode("id-" + i, "source-" + i, text)))
                    .isInstanceOf(Outcome.Decomposed.class);
        }

        Reject reject = rejected(process(300, "more", encode("more", "one-more", text)));

        assertThat(reject.getReason()).isEqualTo("too-many-sources");
        assertThat(reject.getDetail()).isEqualTo("expected at most 256 sources, but 'one-more' is one more");
        assertThat(process(301, "known", encode("known", "source-7", text))).isInstanceOf(Outcome.Decomposed.class);
    }

    @Test
    void aTokenizerThatFailsDoesNotStopTheStream() {
        DocumentPipeline failing = pipeline(new Tokenizer() {
            @Override
            public TokenizerIdentity identity() {
                return TokenizerIdentity.builtIn("failing", 2, 1, 0);
            }

            @Override
            public Tokens encode(byte[] text) {
                throw new StackOverflowError();
            }
        });
        byte[] value = encode("id", "src", "x".getBytes(StandardCharsets.UTF_8));

        Outcome outcome = failing.process(incoming(1, "id", value), store);

        assertThat(rejected(outcome).getReason()).isEqualTo("tokenizer-failed");
    }

    private String reason(String key, byte[] value) {
        return rejected(process(nextOffset++, key, value)).getReason();
    }

    private Outcome process(long offset, String key, byte[] value) {
        return pipeline.process(incoming(offset, key, value), store);
    }

    private static Incoming incoming(long offset, String key, byte[] value) {
        return new Incoming(
                "documents", offset, 0, ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)), ByteBuffer.wrap(value));
    }

    private static List<Sequence> decomposed(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Decomposed.class);
        return ((Outcome.Decomposed) outcome).sequences();
    }

    private static Reject rejected(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Rejected.class);
        return ((Outcome.Rejected) outcome).reject();
    }

    private static DocumentPipeline pipeline(Tokenizer tokenizer) {
        return pipeline(tokenizer, 0);
    }

    private static DocumentPipeline pipeline(Tokenizer tokenizer, int holdoutPerMillion) {
        return new DocumentPipeline(
                new CorpusSettings(
                        "main",
                        tokenizer.identity(),
                        Layout.NEXT_TOKEN,
                        new Buckets(5, 8),
                        LongDocuments.LONGEST_FIRST,
                        holdoutPerMillion,
                        0,
                        1),
                tokenizer);
    }

    private static Document.Builder part(String wholeId, String text, int part, int parts) {
        return document(Wholes.partId(wholeId, part), "src", text.getBytes(StandardCharsets.UTF_8))
                .setWholeId(wholeId)
                .setPart(part)
                .setParts(parts);
    }

    private static byte[] encode(Document document) {
        return Codecs.DOCUMENT.encode(document);
    }

    private static byte[] encode(String id, String source, byte[] text) {
        return encode(document(id, source, text).build());
    }

    private static Document.Builder document(String id, String source, byte[] text) {
        return Document.newBuilder()
                .setId(id)
                .setSource(source)
                .setText(ByteBuffer.wrap(text))
                .setEventTimeMillis(0)
                .setOriginalEventTimeMillis(null)
                .setAttributes(Map.of());
    }
}
