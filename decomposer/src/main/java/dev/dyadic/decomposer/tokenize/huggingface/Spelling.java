package dev.dyadic.decomposer.tokenize.huggingface;

import dev.dyadic.decomposer.tokenize.stages.ByteLevel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How tokens are spelled in a `tokenizer.json`.
final class Spelling {
    private static final Pattern BYTE = Pattern.compile("<0x([0-9A-F]{2})>");

    private Spelling() {}

    /// The token for a byte of a character that is none.
    static String ofByte(int value) {
        return String.format("<0x%02X>", value);
    }

    /// The bytes that a token's letters stand for; null where one stands for none: no text has the token.
    static byte @Nullable [] bytesOfLetters(String token) {
        int[] letters = token.codePoints().toArray();
        byte[] bytes = new byte[letters.length];
        for (int i = 0; i < letters.length; i++) {
            int value = ByteLevel.value(letters[i]);
            if (value < 0) {
                return null;
            }
            bytes[i] = (byte) value;
        }
        return bytes;
    }

    /// The bytes that a token stands for.
    static byte[] bytesOf(String token, boolean byLetters) {
        byte[] letters = byLetters ? bytesOfLetters(token) : null;
        if (letters != null) {
            return letters;
        }
        Matcher single = BYTE.matcher(token);
        return !byLetters && single.matches()
                ? new byte[] {(byte) Integer.parseInt(single.group(1), 16)}
                : token.getBytes(StandardCharsets.UTF_8);
    }
}
