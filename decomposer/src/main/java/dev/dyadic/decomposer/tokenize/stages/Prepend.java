package dev.dyadic.decomposer.tokenize.stages;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Puts a string before a text that is not empty.
///
/// @param once whether it does so only where the text does not begin with the string
record Prepend(String string, boolean once) implements Normalizer {
    @Override
    public byte[] normalize(byte[] text) {
        byte[] bytes = string.getBytes(StandardCharsets.UTF_8);
        if (text.length == 0 || (once && begins(text, bytes))) {
            return text;
        }
        byte[] joined = Arrays.copyOf(bytes, bytes.length + text.length);
        System.arraycopy(text, 0, joined, bytes.length, text.length);
        return joined;
    }

    private static boolean begins(byte[] text, byte[] with) {
        return text.length >= with.length && Arrays.equals(text, 0, with.length, with, 0, with.length);
    }
}
