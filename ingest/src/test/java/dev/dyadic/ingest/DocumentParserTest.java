package dev.dyadic.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.Limits;
import dev.dyadic.proto.avro.Document;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentParserTest {
    private static final long NOW = 1_700_000_000_000L;
    private static final int MAX_TEXT_BYTES = 100;

    private final DocumentParser parser = new DocumentParser(
            Fields.DEFAULT, "fallback", MAX_TEXT_BYTES, InstantSource.fixed(Instant.ofEpochMilli(NOW)));

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
        Fields named = new Fields("id", "text", "source", List.of("time"), true, "attributes");
        DocumentParser strict =
                new DocumentParser(named, "fallback", MAX_TEXT_BYTES, InstantSource.fixed(Instant.EPOCH));

        assertThat(parse(line)).isInstanceOfSatisfying(Parsed.Accepted.class, accepted -> {
            assertThat(accepted.timeIsUnread()).isTrue();
            assertThat(accepted.document().getEventTimeMillis()).isEqualTo(NOW);
            assertThat(accepted.document().getId()).isEqualTo("b");
        });
        assertThat(strict.parse(new Line(1, new Line.Content(line), line.length, false)))
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
                .isZero();
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
                "{\"text\": \"a\", \"id\": true} | wrong-type | expected 'id' to be a string, but it is a boolean",
                "{\"text\": \"a\", \"source\": {}} | wrong-type | expected 'source' to be a string, but it is an object",
                "{\"text\": \"a\", \"attributes\": {\"n\": 1}} | wrong-type | expected 'attributes.n' to be a string, but it is a number",
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
        assertThat(parse("  \t\r".getBytes(StandardCharsets.UTF_8))).isEqualTo(new Parsed.Blank());
    }

    @Test
    void specialTokensInTextAreText() {
        Document document = accepted("{\"text\": \"<|endoftext|>\"}");

        assertThat(document.getText().remaining()).isEqualTo(13);
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
        return parser.parse(new Line(1, new Line.Content(line), line.length, false));
    }
}
