package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.proto.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A regular expression for which there is no scanner: the JDK's, with a bound on the characters that it may look at
/// ([Looks]).
final class Regex implements Matches {
    private final Pattern pattern;

    Regex(String pattern) {
        this.pattern = Oniguruma.compile(pattern);
    }

    @Override
    public void find(byte[] text, int from, int to, Found found) {
        String string = new String(text, from, to - from, StandardCharsets.UTF_8);
        Matcher matcher = pattern.matcher(new Watched(string, Looks.current(to - from)));
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
        private final Looks looks;

        Watched(String string, Looks looks) {
            this.string = string;
            this.looks = looks;
        }

        @Override
        public int length() {
            return string.length();
        }

        @Override
        public char charAt(int index) {
            looks.take(pattern);
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
