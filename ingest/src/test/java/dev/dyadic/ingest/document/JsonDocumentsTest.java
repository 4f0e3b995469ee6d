package dev.dyadic.ingest.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import dev.dyadic.ingest.document.Fields.Role;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.avro.Document;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonDocumentsTest {
    private static final long NOW = 1_700_000_000_000L;
    private static final int MAX_TEXT_BYTES = 100;
    /// What is no JSON, but what Python writes.
    private static final Set<String> LENIENT =
            Set.of("n_number_NaN.json", "n_number_infinity.json", "n_number_minus_infinity.json");

    private final JsonDocuments documents = documents(Fields.DEFAULT);

    @Test
    void takesEveryField() {
        Document document = accepted(
                "{\"id\": \"a\", \"text\": \"é\", \"source\": \"wiki\", \"time\": 1714566645250, \"other\": [1, {}],"
                        + " \"attributes\": {\"lang\": \"fr\"}}");

        assertThat(document.getId()).isEqualTo("a");
        assertThat(document.getSource()).isEqualTo("wiki");
        assertThat(StandardCharsets.UTF_8.decode(document.getText().duplicate()).toString())
                .isEqualTo("é");
        assertThat(document.getEventTimeMillis()).isEqualTo(1_714_566_645_250L);
        assertThat(document.getOriginalEventTimeMillis()).isNull();
        assertThat(document.getAttributes()).isEqualTo(Map.of("lang", "fr"));
    }

    @Test
    void fillsInWhatIsMissing() {
        Document document = accepted("{\"text\": \"abc\"}");

        assertThat(document.getSource()).isEqualTo("fallback");
        assertThat(document.getEventTimeMillis()).isEqualTo(NOW);
        assertThat(document.getId()).matches("[0-9a-f]{32}");
        assertThat(document.getId())
                .isEqualTo(accepted("{\"text\": \"abc\"}").getId())
                .isNotEqualTo(accepted("{\"text\": \"abd\"}").getId())
                .isNotEqualTo(accepted("{\"text\": \"abc\", \"source\": \"x\"}").getId());
    }

    @ParameterizedTest
    @CsvSource({
        "-100000000000, 0",
        "9223372036854775807, 7258118399999",
        "-9223372036854775808, 0",
    })
    void clampsAbsurdTimesAndKeepsTheOriginal(long given, long clamped) {
        Document document = accepted("{\"text\": \"abc\", \"time\": " + given + "}");

        assertThat(document.getEventTimeMillis()).isEqualTo(clamped);
        assertThat(document.getOriginalEventTimeMillis()).isEqualTo(given);
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "9223372036854775808", "\"soon\"", "[1, [2]]", "{\"k\": 1}", "NaN"})
    void whatIsNoTimeCostsNoDocumentUnlessItsFieldWasNamed(String time) {
        byte[] line = ("{\"text\": \"a\", \"time\": " + time + ", \"id\": \"b\"}").getBytes(StandardCharsets.UTF_8);
        JsonDocuments strict = documents(
                new Fields("id", "text", "source", List.of("time"), "attributes", Set.of(Role.TEXT, Role.TIME)));

        assertThat(parse(line)).isInstanceOfSatisfying(Parsed.Accepted.class, accepted -> {
            assertThat(accepted.unread()).containsExactly("time");
            assertThat(accepted.document().getEventTimeMillis()).isEqualTo(NOW);
            assertThat(accepted.document().getId()).isEqualTo("b");
        });
        assertThat(strict.parse(line, 0, line.length))
                .isInstanceOfSatisfying(
                        Parsed.Refused.class,
                        refused -> assertThat(refused.detail())
                                .startsWith(
                                        "expected 'time' to be a number of milliseconds or seconds since 1970, an ISO 8601"
                                                + " date or time, or a date of HTTP, but it is "));
    }

    @Test
    void theFirstTimeThatCanBeReadCounts() {
        assertThat(accepted("{\"text\": \"a\", \"time\": \"soon\", \"timestamp\": \"1970-01-01\", \"event_time\": 7}")
                        .getEventTimeMillis())
                .isEqualTo(7000);
    }

    @Test
    void ofSeveralTimesThatOfTheFirstNameCounts() {
        for (String line : new String[] {
            "{\"text\": \"a\", \"timestamp\": 2000000000000, \"time\": 1000000000000}",
            "{\"text\": \"a\", \"time\": 1000000000000, \"timestamp\": 2000000000000}"
        }) {
            assertThat(accepted(line).getEventTimeMillis()).isEqualTo(1_000_000_000_000L);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"text\":\"\\u", "{\"text\":\"\\uD83D\\u", "{\"text\":\"\\", "{\"text\":\"a"})
    void anObjectMayBeCutAnywhere(String line) {
        assertThat(refused(line.getBytes(StandardCharsets.UTF_8)).reason()).isIn("not-json", "not-utf8");
    }

    @Test
    void takesIsoTimes() {
        assertThat(accepted("{\"text\": \"a\", \"event_time\": \"1970-01-01T00:00:01Z\"}")
                        .getEventTimeMillis())
                .isEqualTo(1000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"text\": \"\"} | empty-text | expected text, but 'text' is empty",
                "{\"id\": \"a\"} | missing-field | expected a field 'text', but there is none",
                "{\"text\": null} | missing-field | expected a field 'text', but there is none",
                "{\"text\": \"a\", \"text\": \"b\"} | doubled-field | expected 'text' once, but it stands there twice",
                "{\"text\": \"a\", \"attributes\": {\"k\": \"1\", \"k\": \"2\"}} | doubled-field | expected"
                        + " 'attributes.k' once, but it stands there twice",
                "{\"text\": NaN} | wrong-type | expected 'text' to be a string, but it is a number",
                "{\"text\": 3} | wrong-type | expected 'text' to be a string, but it is a number",
                "{\"text\": [\"a\"]} | wrong-type | expected 'text' to be a string, but it is an array",
                "[1] | not-json | expected one JSON object, but found an array",
                "\"text\" | not-json | expected one JSON object, but found a string",
                "{\"text\": \"a\"} {} | not-json | expected one JSON object, but an object follows it",
            })
    void refusesWithAReason(String line, String reason, String detail) {
        Parsed.Refused refused = refused(line.getBytes(StandardCharsets.UTF_8));

        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(refused.detail()).isEqualTo(detail);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{\"text\": \"a\"", "{text: 1}", "nonsense", "{\"text\": \"\\q\"}"})
    void refusesBrokenJson(String line) {
        assertThat(refused(line.getBytes(StandardCharsets.UTF_8)).reason()).isEqualTo("not-json");
    }

    @Test
    void whatNobodyAskedForCostsNoDocument() {
        String digits = "9".repeat(5000);
        String deep = "[".repeat(50_000) + "]".repeat(50_000);
        for (String other : new String[] {
            "NaN",
            "-Infinity",
            "Infinity",
            digits,
            "1e" + digits,
            "-0." + digits,
            deep,
            "{\"k\": 1, \"k\": 2}",
            "3, \"other\": 4"
        }) {
            assertThat(accepted("{\"other\": " + other + ", \"text\": \"abc\"}")
                            .getText()
                            .remaining())
                    .isEqualTo(3);
        }
        assertThat(refused(("{\"other\": " + "[".repeat(200_000) + ", \"text\": \"abc\"}")
                                .getBytes(StandardCharsets.UTF_8))
                        .reason())
                .isEqualTo("not-json");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'other': 'Müller', 'text': 'abc'} | abc",
                "{'Müller': 1, 'text': 'abc', 'id': 'x'} | abc",
                "{'other': {'deep': ['é', 'üü']}, 'text': 'abc'} | abc",
                "{'other': 'ü', 'text': 'ü'} | not-utf8",
                "{'other': 'ü', 'text': 'abc', 'id': 'xü'} | abc, unread: id",
                "{'text': 'abc', 'time': '1. März', 'source': 'x'} | abc, unread: time",
                "{'text': 'abc', 'attributes': {'a': 'ü', 'b': {'ü': 1}, 'ü': {'a': 1}, 'c': 'x'}} | abc, unread: attributes",
                "{'text': 'abc', 'attributes': 'ü'} | abc, unread: attributes",
                "{'text': 'abc', 'n': 'xü'} | not-utf8",
                "{'other': 'ü', 'text': 'abc | not-utf8",
            })
    void whatIsNoUtf8CostsTheDocumentOnlyWhereItIsAskedFor(String line, String expected) {
        byte[] latin1 = line.replace('\'', '"').getBytes(StandardCharsets.ISO_8859_1);
        Fields named = new Fields("n", "text", "source", List.of("time"), "attributes", EnumSet.of(Role.TEXT, Role.ID));
        JsonDocuments documents = line.contains("'n'") ? documents(named) : documents(Fields.DEFAULT);

        assertThat(
                        switch (documents.parse(latin1, 0, latin1.length)) {
                            case Parsed.Accepted(Document document, int _, List<String> unread) ->
                                StandardCharsets.UTF_8.decode(document.getText())
                                        + unread.stream()
                                                .distinct()
                                                .map(", unread: "::concat)
                                                .collect(Collectors.joining());
                            case Parsed.Refused refused -> refused.reason();
                            case Parsed.LeftOut _ -> "";
                        })
                .isEqualTo(expected);
    }

    /// Fields that carry a name of ours by chance.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"id\": {\"$oid\": \"a\"} | id",
                "\"id\": 1.5 | id",
                "\"source\": {\"name\": \"web\"} | source",
                "\"source\": 3 | source",
                "\"attributes\": [1] | attributes",
                "\"attributes\": {\"paragraphs\": [[0, 3, 1.0]]} | attributes",
                "\"time\": {} | time",
            })
    void aFieldThatNobodyNamedCostsNoDocument(String field, String unread) {
        byte[] line = ("{" + field + ", \"text\": \"abc\"}").getBytes(StandardCharsets.UTF_8);
        JsonDocuments strict =
                documents(new Fields("id", "text", "source", List.of("time"), "attributes", EnumSet.allOf(Role.class)));

        assertThat(parse(line))
                .isInstanceOfSatisfying(
                        Parsed.Accepted.class,
                        accepted -> assertThat(accepted.unread()).containsExactly(unread));
        assertThat(strict.parse(line, 0, line.length))
                .isInstanceOfSatisfying(
                        Parsed.Refused.class,
                        refused -> assertThat(refused.reason()).isEqualTo("wrong-type"));
    }

    @Test
    void attributesAreTextsNumbersAndBooleans() {
        assertThat(accepted("{\"text\": \"a\", \"attributes\": {\"n\": 1, \"x\": 1.50, \"b\": true, \"no\": null}}")
                        .getAttributes())
                .isEqualTo(Map.of("n", "1", "x", "1.50", "b", "true"));
    }

    @Test
    void aNameWithDotsIsAPathUnlessAFieldHasIt() {
        JsonDocuments nested = documents(new Fields(
                "meta.url", "data.body.text", "meta.site.name", List.of("meta.when"), "attributes", Set.of(Role.TEXT)));
        String inside = "{\"data\": {\"x\": 1, \"body\": {\"text\": \"abc\", \"y\": [{}]}}, \"meta\": {\"url\": \"u\","
                + " \"site\": {\"name\": \"s\"}, \"when\": 1714566645250}, \"text\": 3}";
        String flat =
                "{\"meta\": \"none\", \"data.body.text\": \"abc\", \"meta.url\": \"u\", \"meta.site.name\": \"s\","
                        + " \"meta.when\": 1714566645250}";

        for (String line : new String[] {inside, flat}) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            assertThat(nested.parse(bytes, 0, bytes.length)).isInstanceOfSatisfying(Parsed.Accepted.class, accepted -> {
                Document document = accepted.document();
                assertThat(document.getId()).isEqualTo("u");
                assertThat(document.getSource()).isEqualTo("s");
                assertThat(document.getEventTimeMillis()).isEqualTo(1_714_566_645_250L);
                assertThat(accepted.textBytes()).isEqualTo(3);
            });
        }
        assertThatThrownBy(() -> new Fields("text.id", "text", "source", List.of(), "attributes", Set.of()))
                .isInstanceOf(InvalidException.class)
                .hasMessage(
                        "the fields for id, text, source, time and attributes must differ, and none can lie in another,"
                                + " but they were text.id, text, source, attributes");
    }

    static IntStream seeds() {
        return IntStream.range(0, 20);
    }

    /// Against Jackson's own strings.
    @ParameterizedTest
    @MethodSource("seeds")
    void textIsWhatItsEscapesMean(int seed) throws IOException {
        Random chance = new Random(seed);
        JsonDocuments large = new JsonDocuments(
                new DocumentRules(Fields.DEFAULT, "s", 1 << 20, 1 << 20, InstantSource.fixed(Instant.EPOCH)));
        for (int round = 0; round < 500; round++) {
            StringBuilder json = new StringBuilder();
            for (int i = chance.nextInt(60) + 1; i > 0; i--) {
                switch (chance.nextInt(6)) {
                    case 0 -> json.append('\\').append("\"\\/bfnrt".charAt(chance.nextInt(8)));
                    case 1 -> json.append("\\u%04x".formatted(chance.nextInt(0xD800)));
                    case 2 -> json.append("\\uD83D\\uDE%02X".formatted(chance.nextInt(0x40)));
                    case 3 -> json.appendCodePoint(0x10000 + chance.nextInt(0x1000));
                    case 4 -> json.append((char) (0x80 + chance.nextInt(0x3000)));
                    default -> json.append("word ".repeat(chance.nextInt(4)));
                }
            }
            byte[] line = ("  {\"a\": 1, \"text\" : \"x" + json + "\"}").getBytes(StandardCharsets.UTF_8);
            String expected =
                    new JsonFactory().createParser("\"x" + json + "\"").nextTextValue();

            Parsed parsed = large.parse(line, 0, line.length);

            assertThat(parsed)
                    .isInstanceOfSatisfying(
                            Parsed.Accepted.class,
                            accepted -> assertThat(StandardCharsets.UTF_8
                                            .decode(accepted.document().getText())
                                            .toString())
                                    .isEqualTo(expected));
        }
    }

    @Test
    void aZeroByteIsNoSignOfUtf16() {
        assertThat(refused("{\0\"\0t\0".getBytes(StandardCharsets.UTF_8)).detail())
                .isEqualTo("expected one JSON object, but a zero byte follows its brace");
    }

    /// Every case of JSONTestSuite, as the value of a field that nobody asked for.
    @TestFactory
    Stream<DynamicTest> jsonTestSuite() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        try (ZipInputStream zip = new ZipInputStream(
                Objects.requireNonNull(JsonDocumentsTest.class.getResourceAsStream("/JSONTestSuite.zip")))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                String name = entry.getName();
                byte[] value = zip.readAllBytes();
                tests.add(DynamicTest.dynamicTest(name, () -> checkCase(name, value)));
            }
        }
        assertThat(tests).hasSizeGreaterThan(300);
        return tests.stream();
    }

    private void checkCase(String name, byte[] value) {
        byte[] head = "{\"other\": ".getBytes(StandardCharsets.UTF_8);
        byte[] tail = ", \"text\": \"abc\"}".getBytes(StandardCharsets.UTF_8);
        byte[] line = ByteBuffer.allocate(head.length + value.length + tail.length)
                .put(head)
                .put(value)
                .put(tail)
                .array();

        Parsed parsed = parse(line);

        if (name.startsWith("y_")) {
            assertThat(parsed).isInstanceOf(Parsed.Accepted.class);
        } else if (name.startsWith("n_") && !LENIENT.contains(name)) {
            assertThat(parsed).as(name).isInstanceOf(Parsed.Refused.class);
        } else {
            assertThat(parsed).isInstanceOfAny(Parsed.Accepted.class, Parsed.Refused.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"7, 7", "-12, -12", "123456789012345678901234567890, 123456789012345678901234567890"})
    void takesWholeNumbersForIds(String given, String id) {
        assertThat(accepted("{\"id\": " + given + ", \"text\": \"abc\"}").getId())
                .isEqualTo(id);
    }

    @Test
    void refusesOtherEncodings() {
        byte[] latin1 = "{\"text\": \"é\"}".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(refused(latin1).reason()).isEqualTo("not-utf8");
        assertThat(refused("{\"text\": \"\\ud800\"}".getBytes(StandardCharsets.UTF_8))
                        .detail())
                .isEqualTo("expected Unicode in 'text', but it has a lone surrogate");
    }

    @Test
    void limitsAreInBytes() {
        String fits = "é".repeat(MAX_TEXT_BYTES / 2);

        assertThat(accepted("{\"text\": \"" + fits + "\"}").getText().remaining())
                .isEqualTo(MAX_TEXT_BYTES);
        assertThat(refused(("{\"text\": \"" + fits + "a\"}").getBytes(StandardCharsets.UTF_8))
                        .detail())
                .isEqualTo("expected at most 100 bytes of text, but there are 101");
        String longId = "i".repeat(Limits.MAX_ID_BYTES + 1);
        assertThat(refused(("{\"text\": \"a\", \"id\": \"" + longId + "\"}").getBytes(StandardCharsets.UTF_8))
                        .reason())
                .isEqualTo("too-large");
    }

    @Test
    void blankLinesAreNoDocuments() {
        assertThat(parse("  \t\r".getBytes(StandardCharsets.UTF_8))).isEqualTo(Parsed.LeftOut.BLANK);
    }

    @Test
    void specialTokensInTextAreText() {
        Document document = accepted("{\"text\": \"<|endoftext|>\"}");

        assertThat(document.getText().remaining()).isEqualTo(13);
    }

    private static JsonDocuments documents(Fields fields) {
        return new JsonDocuments(new DocumentRules(
                fields, "fallback", MAX_TEXT_BYTES, MAX_TEXT_BYTES, InstantSource.fixed(Instant.ofEpochMilli(NOW))));
    }

    private Document accepted(String line) {
        Parsed parsed = parse(line.getBytes(StandardCharsets.UTF_8));
        assertThat(parsed).isInstanceOf(Parsed.Accepted.class);
        return ((Parsed.Accepted) parsed).document();
    }

    private Parsed.Refused refused(byte[] line) {
        Parsed parsed = parse(line);
        assertThat(parsed).isInstanceOf(Parsed.Refused.class);
        return (Parsed.Refused) parsed;
    }

    private Parsed parse(byte[] line) {
        return documents.parse(line, 0, line.length);
    }
}
