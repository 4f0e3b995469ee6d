package dev.dyadic.ingest.document;

import dev.dyadic.ingest.bytes.ByteSearch;
import dev.dyadic.proto.Utf8;
import java.util.Arrays;

/// Strings of JSON in UTF-8, unescaped without going through characters. Not safe for use by several threads.
final class JsonStrings {
    private static final int KEPT_BYTES = 1 << 20;

    private byte[] unescaped = new byte[8 << 10];

    /// What a string means. It need not be valid otherwise: a parser looks at that.
    ///
    /// @param quote the place of its first quote
    /// @param end of what may be read
    byte[] utf8(byte[] json, int quote, int end, String name) throws RefusedException {
        int at = quote + 1;
        int run = ByteSearch.find(json, at, end, '"', '\\');
        if (run < end && json[run] == '"') {
            return Arrays.copyOfRange(json, at, run);
        }
        // An escape is never shorter than what it means.
        if (unescaped.length < end - at) {
            unescaped = new byte[Math.max(end - at, 2 * unescaped.length)];
        }
        int to = 0;
        while (true) {
            System.arraycopy(json, at, unescaped, to, run - at);
            to += run - at;
            if (run + 1 >= end || json[run] == '"') {
                break;
            }
            at = run + 2;
            switch (json[run + 1]) {
                case 'n' -> unescaped[to++] = '\n';
                case 't' -> unescaped[to++] = '\t';
                case 'r' -> unescaped[to++] = '\r';
                case 'b' -> unescaped[to++] = '\b';
                case 'f' -> unescaped[to++] = '\f';
                case 'u' -> {
                    int first = unit(json, at, end);
                    at = Math.min(at + 4, end);
                    int codePoint = first;
                    if (Character.isSurrogate((char) first)) {
                        boolean hasSecond = at + 1 < end && json[at] == '\\' && json[at + 1] == 'u';
                        int second = hasSecond ? unit(json, at + 2, end) : 0;
                        if (!Character.isHighSurrogate((char) first) || !Character.isLowSurrogate((char) second)) {
                            throw new RefusedException(
                                    "not-utf8", "expected Unicode in '" + name + "', but it has a lone surrogate");
                        }
                        at = Math.min(at + 6, end);
                        codePoint = Character.toCodePoint((char) first, (char) second);
                    }
                    to = Utf8.put(unescaped, to, codePoint);
                }
                default -> unescaped[to++] = json[run + 1];
            }
            run = ByteSearch.find(json, at, end, '"', '\\');
        }
        byte[] result = Arrays.copyOf(unescaped, to);
        if (unescaped.length > KEPT_BYTES) {
            unescaped = new byte[KEPT_BYTES];
        }
        return result;
    }

    /// Four hexadecimal digits; something where they are none, which a parser refuses.
    private static int unit(byte[] json, int at, int end) {
        int unit = 0;
        for (int i = at; i < Math.min(at + 4, end); i++) {
            unit = (unit << 4) | (Character.digit(json[i], 16) & 0xF);
        }
        return unit;
    }
}
