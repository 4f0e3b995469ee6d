package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.decomposer.tokenize.text.Kinds;
import dev.dyadic.proto.Utf8;

/// The third pattern of DeepSeek V3, behind numbers and Chinese and Japanese: punctuation with Latin letters, words
/// with their marks, symbols, white space. What it does not match, as control characters, stays together.
final class DeepseekScanner extends Scanner {
    static final String PATTERN = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
            + "|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+";

    private static final int WORD = Kinds.LETTER | Kinds.MARK;

    @Override
    int next(byte[] text, int from, int to) {
        int at = from;
        while (at < to) {
            int end = match(text, at, to);
            if (end > 0) {
                return at == from ? end : at;
            }
            at += Utf8.length(text[at]);
        }
        return at;
    }

    /// The end of the match that begins here, or 0 where there is none.
    private static int match(byte[] text, int from, int to) {
        int first = text[from];
        int kind = Kinds.at(text, from);
        int at = from + Utf8.length(first);
        if (kind == Kinds.SYMBOL) {
            if (first > 0 && at < to && isLatin(text[at])) {
                do {
                    at++;
                } while (at < to && isLatin(text[at]));
                return at;
            }
            return newlines(text, run(text, at, to, Kinds.SYMBOL), to);
        }
        if ((kind & Kinds.LETTER) != 0) {
            return run(text, at, to, WORD);
        }
        int second = at < to ? Kinds.at(text, at) : 0;
        if ((second & WORD) != 0 && kind != Kinds.NEWLINE) {
            return run(text, at, to, WORD);
        }
        if (kind == Kinds.MARK) {
            return at;
        }
        if (first == ' ' && second == Kinds.SYMBOL) {
            return newlines(text, run(text, at, to, Kinds.SYMBOL), to);
        }
        return (kind & Kinds.WHITE) != 0 ? lines(text, from, to) : 0;
    }

    private static boolean isLatin(byte unit) {
        return (unit >= 'A' && unit <= 'Z') || (unit >= 'a' && unit <= 'z');
    }
}
