package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.proto.Utf8;
import java.util.Arrays;

/// Each character in lower case, by itself, as Unicode 17 has it.
final class Lowercase implements Normalizer {
    private static final int CAPITAL_I_WITH_DOT = 0x130;
    private static final int DOT_ABOVE = 0x307;
    /// The longest growth: two bytes of U+0130 become three, and two of U+023A three.
    private static final int GROWTH = 2;

    @Override
    public byte[] normalize(byte[] text) {
        byte[] lower = new byte[text.length + text.length / GROWTH + GROWTH];
        int length = 0;
        for (int at = 0; at < text.length; at += Utf8.length(text[at])) {
            int codePoint = Utf8.at(text, at);
            if (codePoint == CAPITAL_I_WITH_DOT) {
                length = Utf8.put(lower, length, 'i');
                length = Utf8.put(lower, length, DOT_ABOVE);
            } else {
                length = Utf8.put(lower, length, lower(codePoint));
            }
        }
        return Arrays.equals(text, 0, text.length, lower, 0, length) ? text : Arrays.copyOf(lower, length);
    }

    /// The JDK has Unicode 16; the capitals that came since are added.
    private static int lower(int c) {
        if (c == 0xA7CE || c == 0xA7D2 || c == 0xA7D4) {
            return c + 1;
        }
        return c >= 0x16EA0 && c <= 0x16EB8 ? c + 0x1B : Character.toLowerCase(c);
    }
}
