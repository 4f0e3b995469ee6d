package dev.dyadic.proto;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Utf8Test {
    static IntStream seeds() {
        return IntStream.range(0, 20);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void findsTheFirstInvalidByteAsTheDecoderDoes(int seed) {
        Random chance = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = text(chance).getBytes(StandardCharsets.UTF_8);
            for (int damage = chance.nextInt(3); damage > 0 && bytes.length > 0; damage--) {
                bytes[chance.nextInt(bytes.length)] = (byte) chance.nextInt();
            }

            int found = Utf8.firstInvalid(bytes, 0, bytes.length);

            ByteBuffer in = ByteBuffer.wrap(bytes);
            CoderResult result = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(in, CharBuffer.allocate(bytes.length + 1), true);
            assertThat(found).isEqualTo(result.isError() ? in.position() : -1);
        }
    }

    @Test
    void readsAndWritesEveryCharacter() {
        byte[] bytes = new byte[4];
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                int end = Utf8.put(bytes, 0, c);

                assertThat(new String(bytes, 0, end, StandardCharsets.UTF_8)).isEqualTo(Character.toString(c));
                assertThat(Utf8.at(bytes, 0)).isEqualTo(c);
                assertThat(Utf8.length(bytes[0])).isEqualTo(end).isEqualTo(Utf8.lengthOf(c));
                assertThat(Utf8.before(bytes, end)).isZero();
            }
        }
    }

    private static String text(Random chance) {
        StringBuilder text = new StringBuilder();
        int[] limits = {0x80, 0x800, 0xD800, 0x110000};
        for (int i = chance.nextInt(24); i > 0; i--) {
            int c = chance.nextInt(limits[chance.nextInt(limits.length)]);
            text.appendCodePoint(c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 'x' : c);
        }
        return text.toString();
    }
}
