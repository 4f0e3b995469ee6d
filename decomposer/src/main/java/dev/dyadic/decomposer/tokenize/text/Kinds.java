package dev.dyadic.decomposer.tokenize.text;

import dev.dyadic.proto.Utf8;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/// The kind of each code point, as the JDK's Unicode has it: one bit, or none.
///
/// The regular expressions of the Hugging Face library and of tiktoken have the same kinds for every code point as JDK
/// 25,
/// which is Unicode 16.
public final class Kinds {
    /// `\p{Lu}` and `\p{Lt}`.
    public static final int UPPER = 1;
    /// `\p{Ll}`.
    public static final int LOWER = 1 << 1;
    /// `\p{Lm}` and `\p{Lo}`.
    public static final int CASELESS = 1 << 2;
    /// `\p{M}`.
    public static final int MARK = 1 << 3;
    /// `\p{N}`.
    public static final int NUMBER = 1 << 4;
    /// `\s`, but for carriage return and line feed.
    public static final int SPACE = 1 << 5;
    /// Carriage return and line feed.
    public static final int NEWLINE = 1 << 6;
    /// `\p{P}` and `\p{S}`.
    public static final int SYMBOL = 1 << 7;

    /// `\p{L}`.
    public static final int LETTER = UPPER | LOWER | CASELESS;
    /// `\s`.
    public static final int WHITE = SPACE | NEWLINE;

    private static final int PAGE_BITS = 7;
    private static final int PAGE = 1 << PAGE_BITS;
    private static final byte[][] PAGES = pages();
    private static final byte[] ASCII = PAGES[0];

    private Kinds() {}

    public static int of(int codePoint) {
        return PAGES[codePoint >>> PAGE_BITS][codePoint & (PAGE - 1)] & 0xFF;
    }

    /// The kind of the character that begins here.
    public static int at(byte[] text, int at) {
        int first = text[at];
        return first >= 0 ? ASCII[first] & 0xFF : of(Utf8.at(text, at));
    }

    private static byte[][] pages() {
        byte[][] pages = new byte[(Character.MAX_CODE_POINT + 1) >> PAGE_BITS][];
        Map<ByteBuffer, byte[]> same = new HashMap<>();
        for (int page = 0; page < pages.length; page++) {
            byte[] kinds = new byte[PAGE];
            for (int i = 0; i < PAGE; i++) {
                kinds[i] = (byte) compute((page << PAGE_BITS) | i);
            }
            pages[page] = same.computeIfAbsent(ByteBuffer.wrap(kinds), _ -> kinds);
        }
        return pages;
    }

    private static int compute(int codePoint) {
        if (codePoint == '\n' || codePoint == '\r') {
            return NEWLINE;
        }
        if (isWhite(codePoint)) {
            return SPACE;
        }
        return switch (Character.getType(codePoint)) {
            case Character.UPPERCASE_LETTER, Character.TITLECASE_LETTER -> UPPER;
            case Character.LOWERCASE_LETTER -> LOWER;
            case Character.MODIFIER_LETTER, Character.OTHER_LETTER -> CASELESS;
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK -> MARK;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION,
                    Character.MATH_SYMBOL,
                    Character.CURRENCY_SYMBOL,
                    Character.MODIFIER_SYMBOL,
                    Character.OTHER_SYMBOL -> SYMBOL;
            default -> 0;
        };
    }

    /// The property White_Space.
    private static boolean isWhite(int c) {
        return (c >= '\t' && c <= '\r')
                || c == ' '
                || c == 0x85
                || c == 0xA0
                || c == 0x1680
                || (c >= 0x2000 && c <= 0x200A)
                || c == 0x2028
                || c == 0x2029
                || c == 0x202F
                || c == 0x205F
                || c == 0x3000;
    }
}
