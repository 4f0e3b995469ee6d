package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.decomposer.tokenize.text.Kinds;
import dev.dyadic.proto.Utf8;
import java.util.Arrays;

/// Takes white space away from the ends of a text.
record Strip(boolean left, boolean right) implements Normalizer {
    @Override
    public byte[] normalize(byte[] text) {
        int from = 0;
        int to = text.length;
        while (left && from < to && isWhite(text, from)) {
            from += Utf8.length(text[from]);
        }
        while (right && from < to && isWhite(text, Utf8.before(text, to))) {
            to = Utf8.before(text, to);
        }
        return from == 0 && to == text.length ? text : Arrays.copyOfRange(text, from, to);
    }

    @Override
    public boolean keepsStart(byte[] text) {
        return !(left && text.length > 0 && isWhite(text, 0));
    }

    private static boolean isWhite(byte[] text, int at) {
        return (Kinds.at(text, at) & Kinds.WHITE) != 0;
    }
}
