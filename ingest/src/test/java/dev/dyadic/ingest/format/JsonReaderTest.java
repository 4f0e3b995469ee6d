package dev.dyadic.ingest.format;

import static dev.dyadic.ingest.Packed.gzip;
import static dev.dyadic.ingest.Packed.join;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.ingest.bytes.Input;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {
    private static final String ONE = "{\"id\": 1, \"text\": \"one {[\\\"\", \"x\": {\"y\": [1, 2]}}";
    private static final String TWO = "{\"text\": \"two\"}";
    private static final String PRETTY =
            "{\n  \"id\": 1,\n  \"text\": \"pretty\",\n  \"x\": [\n    {\n      \"text\": \"no\"\n    }\n  ]\n}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                ONE + "\n" + TWO,
                ONE + "\r\n\r\n  " + TWO + "\r\n",
                "\uFEFF\n" + ONE + "\n" + TWO + "\n",
                "[" + ONE + "," + TWO + "]",
                "[\n" + ONE + ",\n" + TWO + "\n]\n",
                "  [  \n  " + ONE + "\n  ,\n  " + TWO + "]",
                ONE + TWO,
                ONE + ", " + TWO,
                "\u001E" + ONE + "\n\u001E" + TWO + "\n",
            })
    void objectsArePartedInEveryWay(String json) throws IOException {
        Reading reading = read(json);

        assertThat(reading.outcomes).containsExactly("one {[\"", "two");
        assertThat(reading.failure).isEmpty();
    }

    @Test
    void objectsMayStandOnManyLines() throws IOException {
        assertThat(read(PRETTY + "\n" + PRETTY + "\n" + TWO).outcomes).containsExactly("pretty", "pretty", "two");
        assertThat(read("[\n" + PRETTY.indent(4) + "," + PRETTY.indent(4) + "]").outcomes)
                .containsExactly("pretty", "pretty");
        assertThat(read("\n\n[]").outcomes).isEmpty();
        assertThat(read("").outcomes).isEmpty();
        assertThat(read(" \n ").outcomes).isEmpty();
    }

    @Test
    void aLineThatIsNoneCostsNoOther() throws IOException {
        Reading reading = read(ONE + "\nnonsense\n\n{\"text\": \"cut\n" + TWO + "\n{\"x\": 1,\n" + TWO + "\n[1]\n");

        assertThat(reading.outcomes)
                .containsExactly(
                        "one {[\"",
                        "refused: not-json",
                        "refused: not-json",
                        "two",
                        "refused: not-json",
                        "two",
                        "refused: not-json");
        assertThat(reading.places.get(1)).isEqualTo("line 2, byte " + (ONE.length() + 1));
        assertThat(reading.places.get(3)).startsWith("line 5, byte ");
    }

    /// The first line decides how values are parted. It may be broken itself.
    @Test
    void aBrokenFirstLineIsALine() throws IOException {
        assertThat(read("{\"text\": \"cut\n" + TWO + "\n").outcomes).containsExactly("refused: not-json", "two");
        assertThat(read("{\"id\": 3,\n" + TWO + "\n").outcomes).containsExactly("refused: not-json", "two");
        assertThat(read("nonsense\n" + TWO + "\n").outcomes).containsExactly("refused: not-json", "two");
    }

    @Test
    void behindABrokenObjectTheNextOneIsFound() throws IOException {
        String broken = PRETTY.replace("pretty\"", "pretty");
        String open = PRETTY.substring(0, PRETTY.length() - 2);

        assertThat(read(PRETTY + "\n" + broken + "\n" + PRETTY + "\n" + PRETTY).outcomes)
                .containsExactly("pretty", "refused: not-json", "pretty", "pretty");
        assertThat(read("[\n" + PRETTY.indent(2) + ",\n" + broken.indent(2) + ",\n" + PRETTY.indent(2) + "\n]")
                        .outcomes)
                .containsExactly("pretty", "refused: not-json", "pretty");
        assertThat(read(PRETTY + "\n" + open + "\n" + PRETTY + "\n" + PRETTY).outcomes)
                .containsExactly("pretty", "refused: not-json", "pretty", "pretty");
        assertThat(read("[\n  1, \"a, b\", null,\n" + PRETTY.indent(2) + "]").outcomes)
                .containsExactly("refused: not-json", "refused: not-json", "refused: not-json", "pretty");
    }

    @Test
    void aBraceThatIsMissingCostsItsObjectOnly() throws IOException {
        String open = "{\"text\": \"a\",";

        assertThat(read("[\n  " + open + "\n  " + TWO + ",\n  " + TWO + "\n]").outcomes)
                .containsExactly("refused: not-json", "two", "two");
        assertThat(read("[\n  " + TWO + ",\n  {\"text\": [\"a\"},\n  " + TWO + "\n]").outcomes)
                .containsExactly("two", "refused: not-json", "two");
    }

    @Test
    void manyValuesWithoutAnEndEndTheReading() throws IOException {
        Reading reading = read("[" + "\n{".repeat(400_000));

        assertThat(reading.documents).isEmpty();
        assertThat(reading.failure.orElseThrow()).contains("have no end that looking for the next one takes too long");
    }

    static IntStream damagedSeeds() {
        return IntStream.range(0, 60);
    }

    /// Also behind damage, near the beginning or far from it.
    @ParameterizedTest
    @MethodSource("damagedSeeds")
    void aReaderGoesOnBehindDamageWhereAnotherStopped(int seed) throws IOException {
        Random chance = new Random(seed);
        List<byte[]> members = new ArrayList<>();
        int lines = seed % 2 == 0 ? 3 : 3000;
        for (int member = 0; member < 6; member++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < lines; i++) {
                text.append("{\"text\": \"")
                        .append(member)
                        .append('-')
                        .append(i)
                        .append(' ')
                        .append(Long.toHexString(chance.nextLong()))
                        .append("\"}\n");
            }
            byte[] packed = gzip(text.toString());
            if (member == 1 || member == 3) {
                packed[packed.length / 2 + chance.nextInt(packed.length / 3)] ^= 0x55;
            }
            members.add(packed);
        }
        byte[] stored = join(members.toArray(new byte[0][]));

        Reading whole = Reading.of(stored);

        assertThat(whole.outcomes).filteredOn("damage"::equals).hasSizeBetween(2, 3);
        for (int i = 0; i < whole.outcomes.size(); i += 1 + chance.nextInt(Math.max(1, whole.outcomes.size() / 12))) {
            Reading rest = Reading.of(
                    Input.stream("input", new ByteArrayInputStream(stored)), Reading.DEFAULT, whole.positions.get(i));
            assertThat(rest.outcomes).isEqualTo(whole.outcomes.subList(i + 1, whole.outcomes.size()));
        }
    }

    @Test
    void whereNobodyCanTellTheReadingEnds() throws IOException {
        Reading reading = read("[" + ONE + ", {\"text\": \"a\nb\"}, " + TWO + "]");

        assertThat(reading.outcomes).containsExactly("one {[\"", "refused: not-json");
        assertThat(reading.failure.orElseThrow()).contains("nobody can tell where the next one begins");
    }

    @Test
    void anArrayThatIsCutIsAnError() throws IOException {
        assertThat(read("[" + ONE + ", ").failure).contains("the array has no end: the file is cut");
        assertThat(read("[\n" + ONE + ",\n" + TWO.substring(0, 5)).outcomes)
                .containsExactly("one {[\"", "refused: not-json");
        assertThat(read("[\n" + ONE + "\n]\n[\n" + TWO).failure).isPresent();
    }

    @Test
    void whatIsPackedAndDamagedCostsItsMember() throws IOException {
        byte[] first = gzip(ONE + "\n" + TWO + "\n");
        byte[] second = gzip(TWO + "\n" + "{\"text\": \"" + "long ".repeat(100) + "\"}\n");
        second[second.length - 20] ^= 0x7F;

        Reading reading = Reading.of(join(first, second, first));

        assertThat(reading.outcomes.subList(0, 2)).containsExactly("one {[\"", "two");
        assertThat(reading.outcomes).endsWith("one {[\"", "two").contains("damage");
        assertThat(reading.failure).isEmpty();
    }

    @Test
    void aLineThatIsTooLongIsRefusedAndTheNextOneRead() throws IOException {
        String tooLong = "{\"x\": \"" + "y".repeat(JsonCutter.MAX_BYTES) + "\", \"text\": \"a\"}";
        String fits = "{\"x\": \"" + "y".repeat(JsonCutter.MAX_BYTES / 2) + "\", \"text\": \"a\"}";

        for (String shape : new String[] {"%s\n%s\n%s\n", "[\n%s,\n%s,\n%s\n]"}) {
            assertThat(read(shape.formatted(fits, tooLong, TWO)).outcomes)
                    .containsExactly("a", "refused: too-large", "two");
        }
    }

    /// A terabyte of zeros ends after a gibibyte.
    @Test
    void nobodyWaitsForTheEndOfNothing() throws IOException {
        for (byte filler : new byte[] {0, '\n', ' ', 'x'}) {
            Reading reading = Reading.of(Input.stream("bomb", new Endless(filler)), Reading.DEFAULT, Position.BEGIN);

            assertThat(reading.documents).isEmpty();
            assertThat(reading.failure.orElseThrow())
                    .contains("hold no document, so the rest is not read: is it JSON?");
        }
    }

    @Test
    void tellsWhatTheBytesSeemToBe() throws IOException {
        String json = "{\"text\": \"Müller\"}\n";

        assertThat(Reading.of(json.getBytes(StandardCharsets.ISO_8859_1)).note)
                .contains("what is no UTF-8 in it seems to be Western European: try --charset windows-1252");
        assertThat(Reading.of(json.getBytes(StandardCharsets.UTF_16LE)).note)
                .contains("read as UTF-16LE, as its first bytes tell");
        assertThat(Reading.of(json.getBytes(StandardCharsets.UTF_16LE)).texts()).containsExactly("Müller");
        assertThat(read(json).note).isEmpty();
    }

    static IntStream seeds() {
        return IntStream.range(0, 100);
    }

    /// Whatever is in an input, and wherever it stops, another reader goes on there, and finds the same.
    @ParameterizedTest
    @MethodSource("seeds")
    void aReaderGoesOnWhereAnotherStopped(int seed) throws IOException {
        Random chance = new Random(seed);
        List<String> values = new ArrayList<>();
        for (int i = chance.nextInt(30); i >= 0; i--) {
            values.add(
                    switch (chance.nextInt(8)) {
                        case 0 -> "nonsense";
                        case 1 -> "";
                        case 2 -> "{\"text\": 3}";
                        default -> "{\"text\": \"" + "é".repeat(chance.nextInt(50) + 1) + i + "\"}";
                    });
        }
        boolean isArray = chance.nextInt(3) == 0;
        String json = isArray
                ? "[\n  "
                        + String.join(
                                ",\n  ",
                                values.stream().filter(v -> v.startsWith("{")).toList()) + "\n]"
                : String.join("\n", values);
        byte[] stored = json.getBytes(chance.nextInt(3) == 0 ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_8);
        if (chance.nextBoolean()) {
            stored = join(
                    gzip(Arrays.copyOf(stored, stored.length / 2)),
                    gzip(Arrays.copyOfRange(stored, stored.length / 2, stored.length)));
        }

        Reading whole = Reading.of(stored);

        for (int i = 0; i < whole.outcomes.size(); i++) {
            Reading rest = Reading.of(
                    Input.stream("input", new ByteArrayInputStream(stored)), Reading.DEFAULT, whole.positions.get(i));
            assertThat(rest.outcomes).isEqualTo(whole.outcomes.subList(i + 1, whole.outcomes.size()));
            assertThat(rest.places).isEqualTo(whole.places.subList(i + 1, whole.places.size()));
        }
    }

    private static Reading read(String json) throws IOException {
        return Reading.of(json.getBytes(StandardCharsets.UTF_8));
    }

    /// The same byte without an end.
    private static final class Endless extends InputStream {
        private final byte filler;

        Endless(byte filler) {
            this.filler = filler;
        }

        @Override
        public int read() {
            return filler & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            Arrays.fill(target, offset, offset + length, filler);
            return length;
        }
    }
}
