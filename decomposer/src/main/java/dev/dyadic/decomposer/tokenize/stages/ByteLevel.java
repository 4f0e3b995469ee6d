package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.proto.Utf8;
import java.util.Arrays;

/// The letters that GPT-2 writes bytes with: those that can be seen as themselves, the others from U+0100 on.
public final class ByteLevel {
    private static final int BYTES = 256;
    private static final int[] LETTERS = letters();
    private static final int[] VALUES = values();

    private ByteLevel() {}

    /// The letter that stands for a byte.
    public static int letter(int value) {
        return LETTERS[value];
    }

    /// The byte that a letter stands for, or -1.
    public static int value(int codePoint) {
        return codePoint < VALUES.length ? VALUES[codePoint] : -1;
    }

    /// Puts a space before pieces that do not begin with one.
    static Splitter spacePrefix() {
        Prepend space = new Prepend(" ", true);
        return (text, from, to, pieces) -> {
            byte[] piece = space.normalize(Arrays.copyOfRange(text, from, to));
            pieces.piece(piece, 0, piece.length);
        };
    }

    /// Writes each byte as its letter, for pre-tokenizers that come after it.
    static Splitter spelling() {
        return (text, from, to, pieces) -> {
            byte[] spelled = new byte[2 * (to - from)];
            int length = 0;
            for (int at = from; at < to; at++) {
                length = Utf8.put(spelled, length, LETTERS[text[at] & 0xFF]);
            }
            pieces.piece(spelled, 0, length);
        };
    }

    private static int[] letters() {
        int[] letters = new int[BYTES];
        int next = BYTES;
        for (int value = 0; value < BYTES; value++) {
            boolean seen = (value > ' ' && value < 0x7F) || (value > 0xA0 && value != 0xAD);
            letters[value] = seen ? value : next++;
        }
        return letters;
    }

    private static int[] values() {
        int[] values = new int[2 * BYTES];
        Arrays.fill(values, -1);
        for (int value = 0; value < BYTES; value++) {
            values[LETTERS[value]] = value;
        }
        return values;
    }
}
