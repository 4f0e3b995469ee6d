package dev.dyadic.decomposer.tokenize.text;

import java.util.BitSet;

/// What Rust, and its regular expressions, take for numbers, punctuation and words.
public final class Words {
    private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
    private static final int ZERO_WIDTH_JOINER = 0x200D;

    /// Symbols now.
    private static final int CANADIAN_CHI_SIGN = 0x166D;

    private static final int SHARADA_SANDHI_MARK = 0x111C9;

    /// First and last of each range of what is `\p{P}` since.
    private static final int[] NEWER_RANGES = {
        0x061D, 0x061D, 0x09FD, 0x09FD, 0x0A76, 0x0A76, 0x0C77, 0x0C77, 0x0C84, 0x0C84, 0x1B4E, 0x1B4F, 0x1B7D, 0x1B7F,
        0x2E43, 0x2E4F, 0x2E52, 0x2E5D, 0x10D6E, 0x10D6E, 0x10EAD, 0x10EAD, 0x10F55, 0x10F59, 0x10F86, 0x10F89, 0x113D4,
        0x113D5, 0x113D7, 0x113D8, 0x1144B, 0x1144F, 0x1145A, 0x1145B, 0x1145D, 0x1145D, 0x11660, 0x1166C, 0x116B9,
        0x116B9, 0x1183B, 0x1183B, 0x11944, 0x11946, 0x119E2, 0x119E2, 0x11A3F, 0x11A46, 0x11A9A, 0x11A9C, 0x11A9E,
        0x11AA2, 0x11B00, 0x11B09, 0x11BE1, 0x11BE1, 0x11C41, 0x11C45, 0x11C70, 0x11C71, 0x11EF7, 0x11EF8, 0x11F43,
        0x11F4F, 0x11FFF, 0x11FFF, 0x12FF1, 0x12FF2, 0x16D6D, 0x16D6F, 0x16E97, 0x16E9A, 0x16FE2, 0x16FE2, 0x1E5FF,
        0x1E5FF, 0x1E95E, 0x1E95F
    };
    private static final BitSet NEWER_PUNCTUATION = newerPunctuation();

    private Words() {}

    private static BitSet newerPunctuation() {
        BitSet newer = new BitSet();
        for (int i = 0; i < NEWER_RANGES.length; i += 2) {
            newer.set(NEWER_RANGES[i], NEWER_RANGES[i + 1] + 1);
        }
        return newer;
    }

    /// Rust's `char::is_numeric`, of Unicode 17: `\p{N}`, and what came since Unicode 16.
    public static boolean isNumeric(int c) {
        return Kinds.of(c) == Kinds.NUMBER || (c >= 0x11DE0 && c <= 0x11DE9) || (c >= 0x16FF4 && c <= 0x16FF6);
    }

    /// ASCII's punctuation and symbols, and `\p{P}` of Unicode 8, which the Hugging Face library has there.
    public static boolean isPunctuation(int c) {
        if (c < 0x80) {
            return Kinds.of(c) == Kinds.SYMBOL;
        }
        if (c == CANADIAN_CHI_SIGN || c == SHARADA_SANDHI_MARK) {
            return true;
        }
        return isPunctuationNow(c) && !NEWER_PUNCTUATION.get(c);
    }

    private static boolean isPunctuationNow(int c) {
        return switch (Character.getType(c)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> false;
        };
    }

    /// `\w` of Rust's regular expressions (UTS 18): letters, marks, digits, connectors and joiners.
    public static boolean isWord(int c) {
        return Character.isAlphabetic(c)
                || Kinds.of(c) == Kinds.MARK
                || Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER
                || Character.getType(c) == Character.CONNECTOR_PUNCTUATION
                || c == ZERO_WIDTH_NON_JOINER
                || c == ZERO_WIDTH_JOINER;
    }
}
