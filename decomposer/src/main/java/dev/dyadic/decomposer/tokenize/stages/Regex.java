package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.decomposer.tokenize.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A regular expression for which there is no scanner: the JDK's, with a bound on the characters that it may look at.
final class Regex implements Matches {
    /// Characters that may be looked at for each one of the text.
    private static final int LOOKS_PER_CHARACTER = 128;

    private static final int LOOKS = 10_000;

    private final Pattern pattern;

    Regex(String pattern) {
        this.pattern = Oniguruma.compile(pattern);
    }

    @Override
    public void find(byte[] text, int from, int to, Found found) {
        String string = new String(text, from, to - from, StandardCharsets.UTF_8);
        Matcher matcher = pattern.matcher(new Watched(string));
        int chars = 0;
        int at = from;
        int lastEnd = -1;
        try {
            while (matcher.find()) {
                int begin = at + bytes(string, chars, matcher.start());
                int end = begin + bytes(string, matcher.start(), matcher.end());
                boolean isEmpty = matcher.start() == matcher.end();
                // Oniguruma's iterator passes over nothing where the last match ended.
                if (!(isEmpty && matcher.start() == lastEnd)) {
                    found.match(begin, end);
                }
                chars = matcher.end();
                lastEnd = chars;
                at = end;
            }
        } catch (StackOverflowError e) {
            throw new TooMuchWorkException("the pattern " + pattern + " goes too deep in a text of " + (to - from)
                    + " bytes: its groups repeat once for each character");
        }
    }

    private static int bytes(String string, int from, int to) {
        int bytes = 0;
        for (int i = from; i < to; ) {
            int codePoint = string.codePointAt(i);
            bytes += Utf8.lengthOf(codePoint);
            i += Character.charCount(codePoint);
        }
        return bytes;
    }

    /// A text that counts how often it is looked at.
    private final class Watched implements CharSequence {
        private final String string;
        private long left;

        Watched(String string) {
            this.string = string;
            this.left = LOOKS + (long) LOOKS_PER_CHARACTER * string.length();
        }

        @Override
        public int length() {
            return string.length();
        }

        @Override
        public char charAt(int index) {
            if (--left < 0) {
                throw new TooMuchWorkException("the pattern " + pattern + " looks at more than " + LOOKS_PER_CHARACTER
                        + " characters for each one of a text of " + string.length());
            }
            return string.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return string.subSequence(start, end);
        }

        @Override
        public String toString() {
            return string;
        }
    }
}
