package dev.dyadic.ingest.bytes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteSearchTest {
    /// The slow way, over bytes that differ in few bits from those that are looked for.
    @Test
    void findsTheFirstOne() {
        byte[] alphabet = {'\n', '\n' + 1, '\n' - 1, (byte) ('\n' | 0x80), '"', '"' + 1, '"' - 1, 0, -1, (byte) 0x80};
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[random.nextInt(60)];
            int kinds = 1 + random.nextInt(alphabet.length);
            int first = random.nextInt(alphabet.length);
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = alphabet[(first + random.nextInt(kinds)) % alphabet.length];
            }
            int from = random.nextInt(bytes.length + 1);
            int to = from + random.nextInt(bytes.length - from + 1);

            assertThat(ByteSearch.find(bytes, from, to, '\n')).isEqualTo(slow(bytes, from, to, '\n', '\n'));
            assertThat(ByteSearch.find(bytes, from, to, '\n', '"')).isEqualTo(slow(bytes, from, to, '\n', '"'));
        }
    }

    private static int slow(byte[] bytes, int from, int to, char wanted, char or) {
        for (int at = from; at < to; at++) {
            if (bytes[at] == wanted || bytes[at] == or) {
                return at;
            }
        }
        return to;
    }
}
