package dev.dyadic.ingest.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.Fields;
import dev.dyadic.ingest.document.Fields.Role;
import dev.dyadic.proto.avro.Document;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Files of pyarrow, pandas, datasets and fastparquet, which `make_files.py` writes, and those of
/// apache/parquet-testing.
@Timeout(60)
class ParquetReaderTest {
    private static final Fields NESTED =
            new Fields("meta.url", "text", "meta.site.name", List.of("timestamp"), "attributes", Set.of(Role.TEXT));

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pyarrow-none",
                "pyarrow-snappy",
                "pyarrow-gzip",
                "pyarrow-zstd",
                "pyarrow-lz4",
                "pyarrow-v2-pages",
                "pyarrow-plain",
                "pyarrow-delta",
                "spark-like"
            })
    void everyCodecAndEncodingIsRead(String name) throws IOException {
        Reading reading = read(name, NESTED);

        assertThat(reading.outcomes).hasSize(100);
        List<Document> documents = new ArrayList<>(reading.documents);
        for (int i = 0; i < 100; i++) {
            assertThat(reading.places.get(i)).isEqualTo("row " + (i + 1));
            if (i % 10 == 3) {
                assertThat(reading.outcomes.get(i)).isEqualTo("refused: null-text");
                continue;
            }
            Document document = documents.removeFirst();
            assertThat(Reading.text(document)).isEqualTo(text(i));
            boolean hasMeta = i % 7 != 5;
            assertThat(document.getId()).matches(hasMeta ? "https://example.org/" + i : "[0-9a-f]{32}");
            assertThat(document.getSource()).isEqualTo(hasMeta && i % 3 != 0 ? "site-" + (i % 4) : "fallback");
            assertThat(Instant.ofEpochMilli(document.getEventTimeMillis()))
                    .isEqualTo(Instant.parse("2024-05-01T12:30:45.250Z").plusSeconds(i));
        }
    }

    @Test
    void pagesAndRowGroupsOfNullsAreRefusedRowByRow() throws IOException {
        Reading reading = read("null-pages", Fields.DEFAULT);

        assertThat(reading.texts())
                .isEqualTo(IntStream.range(40, 50)
                        .mapToObj(ParquetReaderTest::text)
                        .toList());
        assertThat(reading.outcomes)
                .hasSize(90)
                .filteredOn("refused: null-text"::equals)
                .hasSize(80);
    }

    @Test
    void idsMayBeNumbersAndTimesDates() throws IOException {
        Reading reading = read("kinds", Fields.DEFAULT);

        assertThat(reading.documents).extracting(Document::getId).containsExactly("1", "18446744073709551615", "3");
        assertThat(reading.documents).extracting(Document::getSource).containsExactly("a", "b", "a");
        assertThat(Instant.ofEpochMilli(reading.documents.get(0).getEventTimeMillis()))
                .isEqualTo("2024-05-01T00:00:00Z");
        assertThat(Instant.ofEpochMilli(reading.documents.get(2).getEventTimeMillis()))
                .isEqualTo("1999-12-31T00:00:00Z");
    }

    @Test
    void aStructOfAttributesIsTakenAndWhatIsNoSingleValueIsTold() throws IOException {
        Reading reading = read("attributes", Fields.DEFAULT);

        assertThat(reading.documents)
                .extracting(Document::getAttributes)
                .containsExactly(
                        Map.of(
                                "language",
                                "en",
                                "score",
                                "0.5",
                                "rank",
                                "7",
                                "good",
                                "true",
                                "seen",
                                "2024-05-01T12:30:45.250Z"),
                        Map.of("good", "false", "bytes", "ok"),
                        Map.of());
        assertThat(reading.note)
                .contains("not taken as attributes, as they have no plain text: attributes.tags.list.element,"
                        + " attributes.site.name, attributes.price, attributes.at");
    }

    @Test
    void filesOfPandasAndDatasetsAreRead() throws IOException {
        Fields fields =
                new Fields("url", "content", "source", List.of("when"), "attributes", EnumSet.of(Role.TEXT, Role.ID));
        for (String name : new String[] {"pandas", "fastparquet"}) {
            Reading reading = read(name, fields);

            assertThat(reading.texts())
                    .isEqualTo(IntStream.range(0, 5)
                            .mapToObj(ParquetReaderTest::text)
                            .toList());
            assertThat(reading.documents).extracting(Document::getId).containsExactly("u0", "u1", "u2", "u3", "u4");
            assertThat(Instant.ofEpochMilli(reading.documents.get(1).getEventTimeMillis()))
                    .isEqualTo("2024-05-02T12:30:45.250Z");
        }
        Fields nested = new Fields("meta.id", "text", "source", List.of(), "attributes", Set.of(Role.TEXT));
        assertThat(read("datasets", nested).documents)
                .extracting(Document::getId)
                .containsExactly("0", "1", "2", "3", "4");
    }

    @Test
    void aColumnThatIsNotThereIsAnErrorThatNamesThoseThatAre() {
        assertThatThrownBy(() -> read("pandas", Fields.DEFAULT))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "expected a column 'text' of texts, but there is none; name one with --text-field: content, url");
        assertThatThrownBy(
                        () -> read("pyarrow-zstd", new Fields("id", "number", "s", List.of(), "a", Set.of(Role.TEXT))))
                .hasMessageStartingWith(
                        "expected a column 'number' of texts, but it is another kind of column; name one with");
        assertThatThrownBy(() -> read(
                        "pyarrow-zstd", new Fields("key", "text", "s", List.of(), "a", Set.of(Role.TEXT, Role.ID))))
                .hasMessageStartingWith(
                        "expected a column 'key' of texts or whole numbers, but there is none; name one with"
                                + " --id-field: id, text, meta.url, meta.site.name, number");
    }

    @Test
    void parquetIsReadFromFilesOnly() {
        Input stream = Input.stream("x.parquet", new ByteArrayInputStream(new byte[0]));

        assertThatThrownBy(() -> Reading.of(stream, Reading.DEFAULT, Position.BEGIN))
                .hasMessage("Parquet is read from its end, so it needs a file, not a stream");
    }

    @Test
    void aReaderGoesOnWhereAnotherStopped() throws IOException {
        Reading whole = read("pyarrow-zstd", NESTED);

        for (int i = 0; i < 100; i += 7) {
            Reading rest = Reading.of(input("pyarrow-zstd"), settings(NESTED), whole.positions.get(i));
            assertThat(rest.outcomes).isEqualTo(whole.outcomes.subList(i + 1, 100));
            assertThat(rest.places).isEqualTo(whole.places.subList(i + 1, 100));
        }
    }

    static IntStream seeds() {
        return IntStream.range(0, 60);
    }

    /// Whatever happens to the bytes of a file, it is read, or refused, in part or whole, and that ends.
    @ParameterizedTest
    @MethodSource("seeds")
    void damageIsToldAndTheOtherRowGroupsAreRead(int seed) throws IOException {
        Random chance = new Random(seed);
        String[] names = {
            "pyarrow-none", "pyarrow-snappy", "pyarrow-gzip", "pyarrow-zstd", "pyarrow-lz4", "pyarrow-v2-pages"
        };
        String name = names[seed % names.length];
        byte[] bytes = Files.readAllBytes(input(name).file());
        int at = 4 + chance.nextInt(seed < 40 ? bytes.length / 2 : bytes.length - 4);
        for (int i = at; i < Math.min(at + 50, bytes.length); i++) {
            bytes[i] = (byte) chance.nextInt();
        }
        Path file = Files.write(folder.resolve("damaged.parquet"), bytes);

        try {
            Reading reading = Reading.of(Input.file(file), Reading.DEFAULT, Position.BEGIN);

            assertThat(reading.failure).isEmpty();
            if (seed < 40) {
                // The footer is whole: each row is read, or lies in what is told as damaged.
                long damaged = reading.places.stream()
                        .filter(place -> place.startsWith("rows "))
                        .mapToLong(ParquetReaderTest::rows)
                        .sum();
                assertThat(reading.places.stream()
                                        .filter(place -> place.startsWith("row "))
                                        .count()
                                + damaged)
                        .isEqualTo(100);
                // 50 bytes lie in two row groups at most, and those of one file have 100 rows.
                assertThat(damaged).isLessThanOrEqualTo(name.equals("pyarrow-v2-pages") ? 100 : 60);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageMatching("(?s)it is no Parquet that can be read: .*|expected a column .*");
        }
    }

    @Test
    void aPageThatClaimsGigabytesIsRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(input("pyarrow-zstd").file());
        // Thrift: field 1, i32, data page; field 2, i32, unpacked size; the size is replaced by one that is as long.
        int header = 4;
        assertThat(bytes[header]).isEqualTo((byte) 0x15);
        assertThat(bytes[header + 2]).isEqualTo((byte) 0x15);
        byte[] claim = {(byte) 0xFE, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F};
        byte[] longer = new byte[bytes.length];
        System.arraycopy(bytes, 0, longer, 0, bytes.length);
        System.arraycopy(claim, 0, longer, header + 3, claim.length);
        Path file = Files.write(folder.resolve("bomb.parquet"), longer);

        Reading reading = Reading.of(Input.file(file), Reading.DEFAULT, Position.BEGIN);

        assertThat(reading.outcomes.getFirst()).isEqualTo("damage");
        assertThat(reading.details.getFirst()).contains("claims 2147483647 bytes");
        assertThat(reading.places.getFirst()).isEqualTo("rows 1 to 30");
        assertThat(reading.documents).hasSize(63);
    }

    @Test
    void filesOfParquetTestingAreReadAsPyarrowReadsThem() throws IOException {
        try (ZipInputStream zip = zip()) {
            assertThat(Objects.requireNonNull(zip.getNextEntry()).getName()).isEqualTo("expected.json");
            byte[] expected = zip.readAllBytes();
            int badColumns = 0;
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = Files.write(folder.resolve(Path.of(entry.getName()).getFileName()), zip.readAllBytes());
                if (entry.getName().startsWith("bad_data/")) {
                    badColumns += checkBad(file);
                }
            }
            assertThat(badColumns).isPositive();
            checkGood(expected);
        }
    }

    private void checkGood(byte[] expected) throws IOException {
        int files = 0;
        try (JsonParser parser = new JsonFactory().createParser(expected)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                parser.nextToken();
                String column = parser.nextTextValue();
                parser.nextToken();
                parser.nextToken();
                List<String> outcomes = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    outcomes.add(
                            parser.currentToken() == JsonToken.VALUE_NULL
                                    ? "refused: null-text"
                                    : parser.getText().isEmpty() ? "refused: empty-text" : parser.getText());
                }
                parser.nextToken();
                Reading reading =
                        Reading.of(Input.file(folder.resolve(name)), settings(column(column)), Position.BEGIN);

                if (name.equals("nation.dict-malformed.parquet")) {
                    // An old writer's columns are longer than they say.
                    assertThat(reading.outcomes).containsExactly("damage");
                } else {
                    assertThat(reading.outcomes).as(name).isEqualTo(outcomes);
                }
                files++;
            }
        }
        assertThat(files).isGreaterThan(15);
    }

    /// Every column of texts ends, with damage or without it.
    ///
    /// @return how many there are
    private static int checkBad(Path file) {
        try {
            Reading.of(Input.file(file), settings(column("there is none")), Position.BEGIN);
            throw new AssertionError("a column was found that is not there");
        } catch (IOException e) {
            Matcher usable =
                    Pattern.compile("(?s).*name one with --text-field: (.+)").matcher(String.valueOf(e.getMessage()));
            if (!usable.matches()) {
                return 0;
            }
            String[] columns = usable.group(1).split(", ", -1);
            for (String column : columns) {
                assertThatCode(() -> Reading.of(Input.file(file), settings(column(column)), Position.BEGIN))
                        .doesNotThrowAnyException();
            }
            return columns.length;
        }
    }

    private static Fields column(String text) {
        return new Fields("no-id", text, "no-source", List.of(), "none", Set.of(Role.TEXT));
    }

    /// @param place such as "rows 31 to 60"
    private static long rows(String place) {
        String[] words = place.split(" ", -1);
        return Long.parseLong(words[3]) - Long.parseLong(words[1]) + 1;
    }

    private static ZipInputStream zip() {
        return new ZipInputStream(
                Objects.requireNonNull(ParquetReaderTest.class.getResourceAsStream("/parquet-testing.zip")));
    }

    private static Reading read(String name, Fields fields) throws IOException {
        return Reading.of(input(name), settings(fields), Position.BEGIN);
    }

    private static ReadSettings settings(Fields fields) {
        return ReadSettings.of(DocumentRules.of(fields, "fallback"));
    }

    private static Input input(String name) {
        return Input.file(TestFiles.path(name + ".parquet"));
    }

    private static String text(int i) {
        return "document " + i + ", and some words that follow: ünïcödé 漢字 😀";
    }
}
