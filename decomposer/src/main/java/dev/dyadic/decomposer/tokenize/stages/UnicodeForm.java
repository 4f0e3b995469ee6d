package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.proto.Utf8;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer.Form;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// NFC, NFD, NFKC, NFKD: the JDK's normalizer, in parts of some kilobytes, each of which begins with a character that
/// never joins what stands before it.
record UnicodeForm(Form form) implements Normalizer {
    private static final int PART_BYTES = 4096;
    /// Combining marks in a row, beyond which the JDK's normalizer takes time that grows with their square.
    private static final int MAX_MARKS = 64;

    @Override
    public byte[] normalize(byte[] text) {
        Rewritten rewritten = new Rewritten(text);
        int at = 0;
        while (at < text.length) {
            int end = endOfPart(text, at);
            int codePoint = Utf8.at(text, at);
            if (!NewerCharacters.has(codePoint) && !isPlain(text, at, end)) {
                part(text, at, end, rewritten);
            }
            at = end;
        }
        return rewritten.finish();
    }

    private void part(byte[] text, int from, int to, Rewritten rewritten) {
        String part =
                CombiningMarks.sortLongRuns(new String(text, from, to - from, StandardCharsets.UTF_8), form, MAX_MARKS);
        byte[] normal = java.text.Normalizer.normalize(part, form).getBytes(StandardCharsets.UTF_8);
        rewritten.replace(from, to, normal);
    }

    private static int endOfPart(byte[] text, int from) {
        int at = from;
        while (at < text.length) {
            int length = Utf8.length(text[at]);
            if (length > 1) {
                int codePoint = Utf8.at(text, at);
                if (NewerCharacters.has(codePoint)) {
                    return at == from ? at + length : at;
                }
                if (at - from >= PART_BYTES && standsAlone(codePoint)) {
                    return at;
                }
            } else if (at - from >= PART_BYTES) {
                return at;
            }
            at += length;
        }
        return at;
    }

    /// Whether the character, in any form, begins with one that does not join what stands before it.
    private static boolean standsAlone(int c) {
        boolean isVowelOrFinal =
                (c >= 0x1160 && c <= 0x11FF) || (c >= 0x3131 && c <= 0x318E) || (c >= 0xD7B0 && c <= 0xD7FF);
        boolean isHalfwidth = c >= 0xFF9E && c <= 0xFFDC;
        return !CombiningMarks.isMark(c) && !isVowelOrFinal && !isHalfwidth;
    }

    /// Whether every character is below the first that the form changes.
    private boolean isPlain(byte[] text, int from, int to) {
        int first = switch (form) {
            case NFC -> 0xCC;
            case NFD -> 0xC3;
            case NFKC, NFKD -> 0xC2;
        };
        for (int at = from; at < to; at++) {
            if ((text[at] & 0xFF) >= first) {
                return false;
            }
        }
        return true;
    }

    /// The text as it was, as far as nothing has changed; from there on, the new one.
    private static final class Rewritten {
        private final byte[] text;
        private byte @Nullable [] bytes;
        private int read;
        private int length;

        Rewritten(byte[] text) {
            this.text = text;
        }

        void replace(int from, int to, byte[] with) {
            if (Arrays.equals(text, from, to, with, 0, with.length)) {
                return;
            }
            put(text, read, from);
            put(with, 0, with.length);
            read = to;
        }

        byte[] finish() {
            if (bytes == null) {
                return text;
            }
            put(text, read, text.length);
            return Arrays.copyOf(bytes, length);
        }

        private void put(byte[] from, int begin, int end) {
            byte[] to = bytes == null ? new byte[text.length + text.length / 8 + 64] : bytes;
            int needed = length + end - begin;
            if (to.length < needed) {
                to = Arrays.copyOf(to, needed + needed / 4);
            }
            System.arraycopy(from, begin, to, length, end - begin);
            length = needed;
            bytes = to;
        }
    }
}
