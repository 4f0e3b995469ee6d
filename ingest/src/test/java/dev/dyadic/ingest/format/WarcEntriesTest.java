package dev.dyadic.ingest.format;

import static dev.dyadic.ingest.Packed.gzip;
import static dev.dyadic.ingest.Packed.join;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.Fields;
import dev.dyadic.ingest.document.Fields.Role;
import dev.dyadic.proto.avro.Document;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Files of warcio and wget, which `make_files.py` writes, and records of our own that are wrong.
class WarcEntriesTest {
    @ParameterizedTest
    @ValueSource(strings = {"warcio.warc", "warcio.warc.gz"})
    void plainTextOfResponsesAndResourcesIsRead(String name) throws IOException {
        Reading reading = read(name);

        assertThat(reading.outcomes)
                .containsExactly(
                        "left out: warcinfo records",
                        text(0),
                        text(1),
                        text(2),
                        "left out: response records",
                        "café",
                        text(5));
        Document first = reading.documents.getFirst();
        assertThat(first.getId()).isEqualTo("urn:uuid:00000000-0000-0000-0000-000000000000");
        assertThat(first.getAttributes()).isEqualTo(Map.of("url", "https://example.org/0"));
        assertThat(Instant.ofEpochMilli(first.getEventTimeMillis())).isEqualTo("2024-05-01T12:30:00Z");
        assertThat(reading.places.get(1)).matches("record 2, byte [0-9]+");
    }

    @Test
    void wetIsReadWithItsLanguagesAndWithoutCredentials() throws IOException {
        Reading reading = read("warcio.warc.wet.gz");

        assertThat(reading.texts())
                .isEqualTo(IntStream.range(0, 5).mapToObj(WarcEntriesTest::text).toList());
        assertThat(reading.documents.get(3).getAttributes())
                .isEqualTo(Map.of("url", "https://example.org/3?q=a@b", "language", "eng,zho"));
        assertThat(reading.documents.toString()).doesNotContain("secret");
    }

    @Test
    void filesOfWgetAreRead() throws IOException {
        Reading reading = read("wget.warc.gz");

        assertThat(reading.texts()).containsExactlyInAnyOrder(text(0), text(1));
        assertThat(reading.outcomes).contains("left out: request records", "left out: metadata records");
    }

    @Test
    void aReaderGoesOnWhereAnotherStopped() throws IOException {
        Reading whole = read("warcio.warc.gz");

        for (int i = 0; i < whole.outcomes.size(); i++) {
            Reading rest =
                    Reading.of(Input.file(TestFiles.path("warcio.warc.gz")), Reading.DEFAULT, whole.positions.get(i));
            assertThat(rest.outcomes).isEqualTo(whole.outcomes.subList(i + 1, whole.outcomes.size()));
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void inAPlainFileItGoesOnBehindDamageToo(int seed) throws IOException {
        Random chance = new Random(seed);
        List<byte[]> parts = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String text = i + " " + Long.toHexString(chance.nextLong()).repeat(1 + chance.nextInt(50));
            parts.add(
                    switch (chance.nextInt(5)) {
                        case 0 -> record(text, chance.nextInt(2_000));
                        case 1 -> text.getBytes(StandardCharsets.US_ASCII);
                        case 2 -> "WARC/1.0\r\nbroken\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
                        default -> record(text, -1);
                    });
        }
        byte[] file = join(parts.toArray(new byte[0][]));

        checkGoingOn(warc(file), file);
    }

    /// What another reader finds behind each entry, and behind each damage.
    private static void checkGoingOn(Reading whole, byte[] file) throws IOException {
        for (int i = 0; i < whole.outcomes.size(); i++) {
            Input input = Input.stream("x.warc", new ByteArrayInputStream(file));
            Reading rest = Reading.of(input, Reading.DEFAULT, whole.positions.get(i));
            assertThat(rest.outcomes).isEqualTo(whole.outcomes.subList(i + 1, whole.outcomes.size()));
        }
    }

    /// Records that are longer or shorter than they say, or than they claim by far.
    @ParameterizedTest
    @ValueSource(longs = {3, 12, 100, 5_000, 5_000_000_000L, Long.MAX_VALUE})
    void aFalseLengthCostsNoOtherMember(long length) throws IOException {
        Reading reading =
                warc(gzip(record("one", -1)), gzip(record("a false length", length)), gzip(record("two", -1)));

        assertThat(reading.outcomes).startsWith("one").endsWith("two").hasSize(3);
        assertThat(reading.outcomes.get(1)).isIn("refused: false-length", "refused: damaged", "refused: too-long");
        assertThat(reading.failure).isEmpty();
    }

    @Test
    void inAPlainFileTheNextRecordIsFoundByItsBegin() throws IOException {
        assertThat(warc(record("one", -1), record("a false length", 3), record("two", -1)).outcomes)
                .containsExactly("one", "refused: false-length", "two");
        assertThat(warc(record("one", -1), record("a false length", 20), record("two", -1), record("three", -1))
                        .outcomes)
                .startsWith("one")
                .contains("refused: false-length")
                .endsWith("three");
        assertThat(warc(record("one", -1), record("a false length", 50_000), record("two", -1)).outcomes)
                .containsExactly("one", "refused: damaged");
        assertThat(warc(record("one", -1), "junk\r\n\r\nmore".getBytes(StandardCharsets.US_ASCII), record("two", -1))
                        .outcomes)
                .containsExactly("one", "damage", "two");
    }

    /// What a reader has cleared to read into, and could not, must not be read a second time.
    @Test
    void aRecordWithoutTextThatRunsPastTheEndIsReadOnce() throws IOException {
        for (long length : new long[] {60, 5_000, 200_000, Long.MAX_VALUE}) {
            byte[] request = new String(record("GET / HTTP/1.1", length), StandardCharsets.UTF_8)
                    .replace("conversion", "request")
                    .getBytes(StandardCharsets.UTF_8);

            assertThat(warc(record("one", -1), request).outcomes).hasSize(2).startsWith("one");
            Reading packed = warc(gzip(record("one", -1)), gzip(request), gzip(record("two", -1)));
            assertThat(packed.outcomes).hasSize(3).startsWith("one").endsWith("two");
            assertThat(packed.outcomes.get(1)).startsWith("refused: ");
        }
    }

    /// It swallows what comes behind it, which has to be told.
    @Test
    void aRecordWithoutTextAndWithAFalseLengthIsRefused() throws IOException {
        byte[] request = new String(record("GET / HTTP/1.1", 100), StandardCharsets.UTF_8)
                .replace("conversion", "request")
                .getBytes(StandardCharsets.UTF_8);

        assertThat(warc(request, record("one", -1), record("two", -1)).outcomes)
                .containsExactly("refused: false-length", "two");
    }

    @Test
    void typesThatNobodyKnowsAreOneKind() throws IOException {
        byte[] odd = new String(record("x", -1), StandardCharsets.UTF_8)
                .replace("conversion", "odd")
                .getBytes(StandardCharsets.UTF_8);

        assertThat(warc(odd, record("one", -1)).outcomes).containsExactly("left out: other records", "one");
    }

    @Test
    void responsesMayBePackedAsHttpAllows() throws IOException {
        byte[] brotli = {0x0B, 0x02, (byte) 0x80, 'h', 'e', 'l', 'l', 'o', 0x03};

        Reading reading = warc(
                response("br", brotli),
                response("gzip", gzip("packed".getBytes(StandardCharsets.UTF_8))),
                response("other", brotli),
                record("two", -1));

        assertThat(reading.outcomes).containsExactly("hello", "packed", "refused: unknown-encoding", "two");
    }

    @Test
    void headersHaveAnEnd() throws IOException {
        byte[] endless = ("WARC/1.0\r\nX: " + "y".repeat(3 << 20)).getBytes(StandardCharsets.US_ASCII);

        assertThat(warc(gzip(record("one", -1)), gzip(endless), gzip(record("two", -1))).outcomes)
                .containsExactly("one", "damage", "two");
    }

    @Test
    void textsAboveTheLimitAreRefused() throws IOException {
        assertThat(warc(gzip(record("x".repeat(5 << 20), -1)), gzip(record("two", -1))).outcomes)
                .containsExactly("refused: too-long", "two");
    }

    static IntStream seeds() {
        return IntStream.range(0, 60);
    }

    /// Whatever happens to one member, the others are read, and the damage is told.
    @ParameterizedTest
    @MethodSource("seeds")
    void damageStaysInItsRecord(int seed) throws IOException {
        Random chance = new Random(seed);
        List<byte[]> members = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        int damaged = 2 + chance.nextInt(6);
        for (int i = 0; i < 10; i++) {
            String text = i + " " + Long.toHexString(chance.nextLong()).repeat(1 + chance.nextInt(50));
            byte[] member = gzip(record(text, -1));
            if (i == damaged) {
                int at = chance.nextInt(member.length - 8);
                for (int hit = 0; hit < 1 + chance.nextInt(8); hit++) {
                    member[at + hit] ^= (byte) (1 + chance.nextInt(255));
                }
            } else {
                texts.add(text);
            }
            members.add(member);
        }

        Reading reading = warc(members.toArray(new byte[0][]));

        checkGoingOn(reading, join(members.toArray(new byte[0][])));
        // A few bytes of a gzip header say nothing of the content.
        assertThat(reading.texts()).containsAll(texts).hasSizeBetween(texts.size(), texts.size() + 1);
        assertThat(reading.outcomes).hasSizeGreaterThanOrEqualTo(10);
    }

    @Test
    void headersThatAreNamedCountBeforeTheUsualOnes() throws IOException {
        Fields fields = new Fields(
                "WARC-Target-URI",
                "text",
                "X-Collection",
                List.of("X-Published", "X-Changed"),
                "attributes",
                EnumSet.of(Role.ID, Role.SOURCE, Role.TIME));
        String usual = """
                WARC/1.0
                WARC-Type: conversion
                WARC-Record-ID: <urn:x:1>
                Content-Type: text/plain
                WARC-Date: 2024-05-01T12:30:00Z
                Content-Length: 3
                """;
        String named = """
                WARC-Target-URI: https://user:secret@example.org/
                X-Collection: web
                X-Changed: 2020-01-01
                """;
        String wrong = "X-Published: yesterday\n";

        String records = usual + named + "\none\n\n" + usual + "\ntwo\n\n" + usual + wrong + "\nxxx\n\n";
        byte[] bytes = records.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
        Reading reading = Reading.of(
                Input.stream("x.warc", new ByteArrayInputStream(bytes)),
                ReadSettings.of(DocumentRules.of(fields, "fallback")),
                Position.BEGIN);

        assertThat(reading.outcomes).containsExactly("one", "two", "refused: wrong-type");
        assertThat(reading.documents).extracting(Document::getId).containsExactly("https://example.org/", "urn:x:1");
        assertThat(reading.documents).extracting(Document::getSource).containsExactly("web", "fallback");
        assertThat(reading.documents)
                .extracting(document ->
                        Instant.ofEpochMilli(document.getEventTimeMillis()).toString())
                .containsExactly("2020-01-01T00:00:00Z", "2024-05-01T12:30:00Z");
    }

    private static Reading read(String name) throws IOException {
        return Reading.of(Input.file(TestFiles.path(name)), Reading.DEFAULT, Position.BEGIN);
    }

    private static Reading warc(byte[]... parts) throws IOException {
        Input input = Input.stream("x.warc", new ByteArrayInputStream(join(parts)));
        return Reading.of(input, Reading.DEFAULT, Position.BEGIN);
    }

    /// @param length -1: the true one
    private static byte[] record(String text, long length) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        record.writeBytes(("WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <urn:x:" + Arrays.hashCode(body)
                        + ">\r\nContent-Type: text/plain\r\nWARC-Date: 2024-05-01T12:30:00Z\r\nContent-Length: "
                        + (length < 0 ? body.length : length) + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        record.writeBytes(body);
        record.writeBytes(new byte[] {'\r', '\n', '\r', '\n'});
        return record.toByteArray();
    }

    private static byte[] response(String encoding, byte[] body) {
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        String http = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: " + encoding
                + "\r\nContent-Length: " + body.length + "\r\n\r\n";
        record.writeBytes(("WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://example.org/\r\n"
                        + "Content-Type: application/http; msgtype=response\r\nContent-Length: "
                        + (http.length() + body.length) + "\r\n\r\n" + http)
                .getBytes(StandardCharsets.US_ASCII));
        record.writeBytes(body);
        record.writeBytes(new byte[] {'\r', '\n', '\r', '\n'});
        return record.toByteArray();
    }

    private static String text(int i) {
        return "document " + i + ", and some words that follow: ünïcödé 漢字 😀";
    }
}
