package dev.dyadic.decomposer.tokenize.text;

/// What Rust, and its regular expressions, take for numbers, punctuation and words.
public final class Words {
    private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
    private static final int ZERO_WIDTH_JOINER = 0x200D;

    private Words() {}

    /// Rust's `char::is_numeric`, of Unicode 17: `\p{N}`, and what came since Unicode 16.
    public static boolean isNumeric(int c) {
        return Kinds.of(c) == Kinds.NUMBER || (c >= 0x11DE0 && c <= 0x11DE9) || (c >= 0x16FF4 && c <= 0x16FF6);
    }

    /// ASCII's punctuation and symbols, and `\p{P}`.
    public static boolean isPunctuation(int c) {
        if (c < 0x80) {
            return Kinds.of(c) == Kinds.SYMBOL;
        }
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
