package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.proto.Utf8;
import java.nio.charset.StandardCharsets;

/// Puts a string in the place of everything that a pattern matches.
final class Replace implements Normalizer {
    private final Matches matches;
    private final byte[] content;

    Replace(Matches matches, String content) {
        this.matches = matches;
        this.content = content.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] normalize(byte[] text) {
        Size size = new Size();
        matches.find(text, 0, text.length, size);
        if (size.matches == 0) {
            return text;
        }
        long length = text.length - size.matched + size.matches * content.length;
        Rewriting rewriting = new Rewriting(text, new byte[Math.toIntExact(length)]);
        matches.find(text, 0, text.length, rewriting);
        return rewriting.finish();
    }

    @Override
    public boolean keepsStart(byte[] text) {
        // The library takes what is put there for what comes from the last character that was removed.
        boolean[] isRemoved = new boolean[1];
        matches.find(
                text,
                0,
                text.length,
                (from, to) ->
                        isRemoved[0] |= from == 0 && to > 0 && (content.length == 0 || to > Utf8.length(text[0])));
        return !isRemoved[0];
    }

    private static final class Size implements Matches.Found {
        private long matches;
        private long matched;

        @Override
        public void match(int from, int to) {
            matches++;
            matched += to - from;
        }
    }

    private final class Rewriting implements Matches.Found {
        private final byte[] text;
        private final byte[] rewritten;
        private int read;
        private int written;

        Rewriting(byte[] text, byte[] rewritten) {
            this.text = text;
            this.rewritten = rewritten;
        }

        @Override
        public void match(int from, int to) {
            copy(from);
            System.arraycopy(content, 0, rewritten, written, content.length);
            written += content.length;
            read = to;
        }

        byte[] finish() {
            copy(text.length);
            return rewritten;
        }

        private void copy(int until) {
            System.arraycopy(text, read, rewritten, written, until - read);
            written += until - read;
        }
    }
}
