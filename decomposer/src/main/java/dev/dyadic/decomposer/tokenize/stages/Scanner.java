package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.decomposer.tokenize.text.Kinds;
import dev.dyadic.proto.Utf8;

/// A split pattern that is known, as a scanner: it looks at each character a bounded number of times, whatever the text
/// is, where a regular expression may go back and forth.
abstract class Scanner implements Splitter {
    @Override
    public final void split(byte[] text, int from, int to, Pieces pieces) {
        int at = from;
        while (at < to) {
            int end = next(text, at, to);
            pieces.piece(text, at, end);
            at = end;
        }
    }

    /// Where the piece that begins at `from` ends: behind `from`.
    abstract int next(byte[] text, int from, int to);

    /// Where the run of characters of these kinds ends that begins at `from`; it may be empty.
    static int run(byte[] text, int from, int to, int kinds) {
        int at = from;
        while (at < to && (Kinds.at(text, at) & kinds) != 0) {
            at += Utf8.length(text[at]);
        }
        return at;
    }

    static int newlines(byte[] text, int from, int to) {
        int at = from;
        while (at < to && (text[at] == '\n' || text[at] == '\r')) {
            at++;
        }
        return at;
    }

    /// `\p{N}{1,most}`, of which the first was seen.
    static int digits(byte[] text, int from, int to, int most) {
        int at = from;
        for (int digits = 0; digits < most && at < to && Kinds.at(text, at) == Kinds.NUMBER; digits++) {
            at += Utf8.length(text[at]);
        }
        return at;
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+` where white space begins.
    static int lines(byte[] text, int from, int to) {
        int at = from;
        int afterNewline = 0;
        int last = from;
        while (at < to) {
            int kind = Kinds.at(text, at);
            if ((kind & Kinds.WHITE) == 0) {
                break;
            }
            last = at;
            at += Utf8.length(text[at]);
            if (kind == Kinds.NEWLINE) {
                afterNewline = at;
            }
        }
        if (afterNewline > 0) {
            return afterNewline;
        }
        return at == to || last == from ? at : last;
    }

    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)` behind its apostrophe.
    ///
    /// @return its end, or 0 where there is none
    static int contraction(byte[] text, int at, int to) {
        if (at >= to) {
            return 0;
        }
        int second = at + 1 < to ? text[at + 1] : 0;
        return switch (text[at]) {
            case 's', 't', 'm', 'd', 'S', 'T', 'M', 'D' -> at + 1;
            case 'r', 'v', 'R', 'V' -> second == 'e' || second == 'E' ? at + 2 : 0;
            case 'l', 'L' -> second == 'l' || second == 'L' ? at + 2 : 0;
            // U+017F, the long s, is an s where case does not count.
            case (byte) 0xC5 -> second == (byte) 0xBF ? at + 2 : 0;
            default -> 0;
        };
    }
}
