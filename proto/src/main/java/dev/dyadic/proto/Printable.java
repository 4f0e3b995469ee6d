package dev.dyadic.proto;

/// Text from outside, made safe for a terminal and for a log: what would move the cursor, hide or turn round text, or
/// begin a line is shown by its number.
///
/// Ids, names of sources and texts come from anybody. Printed as they are, an escape sequence clears or retitles a
/// terminal, a carriage return writes over what stands there, and a mark of direction shows text in another order.
public final class Printable {
    private static final char DELETE = 0x7f;
    private static final char LAST_C1 = 0x9f;

    private Printable() {}

    /// One line: line breaks and tabs are shown as `\n`, `\r` and `\t`.
    public static String line(String text) {
        return shown(text, false);
    }

    /// Several lines: line feeds and tabs stay.
    public static String lines(String text) {
        return shown(text, true);
    }

    /// JSON text in which what is not safe is written as JSON's own escapes, so that it says the same.
    public static String json(String json) {
        // In JSON such characters stand within strings only, and those below a blank are escaped already.
        return shown(json, true);
    }

    private static String shown(String text, boolean keepsLines) {
        int at = firstUnsafe(text, keepsLines);
        if (at == text.length()) {
            return text;
        }
        StringBuilder shown = new StringBuilder(text.length() + 16).append(text, 0, at);
        for (int i = at; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isSafe(text, i, keepsLines)) {
                shown.append(c);
            } else {
                switch (c) {
                    case '\n' -> shown.append("\\n");
                    case '\r' -> shown.append("\\r");
                    case '\t' -> shown.append("\\t");
                    default -> shown.append("\\u%04x".formatted((int) c));
                }
            }
        }
        return shown.toString();
    }

    private static int firstUnsafe(String text, boolean keepsLines) {
        int at = 0;
        while (at < text.length() && isSafe(text, at, keepsLines)) {
            at++;
        }
        return at;
    }

    private static boolean isSafe(String text, int at, boolean keepsLines) {
        char c = text.charAt(at);
        if (c >= ' ' && c < DELETE) {
            return true;
        }
        if (c <= LAST_C1) {
            return keepsLines && (c == '\n' || c == '\t');
        }
        if (Character.isSurrogate(c)) {
            return isSafePair(text, at);
        }
        return !isDirectionOrBreak(c);
    }

    /// Halves of characters, and the tags that nothing shows (U+E0000 to U+E007F), are not safe.
    private static boolean isSafePair(String text, int at) {
        char c = text.charAt(at);
        int from = Character.isHighSurrogate(c) ? at : at - 1;
        return from >= 0
                && from + 1 < text.length()
                && Character.isSurrogatePair(text.charAt(from), text.charAt(from + 1))
                && Character.toCodePoint(text.charAt(from), text.charAt(from + 1)) >>> 7 != 0xE0000 >>> 7;
    }

    /// Marks, embeddings, overrides and isolates of direction (Unicode Standard Annex #9), line and paragraph
    /// separators, and the byte-order mark.
    private static boolean isDirectionOrBreak(char c) {
        return c == 0x061c
                || c == 0x200e
                || c == 0x200f
                || (c >= 0x2028 && c <= 0x202e)
                || (c >= 0x2066 && c <= 0x2069)
                || c == 0xfeff;
    }
}
