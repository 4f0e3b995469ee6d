package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.decomposer.tokenize.text.Kinds;
import dev.dyadic.proto.Utf8;

/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`: GPT-2, `r50k_base`, and the pattern
/// that `ByteLevel` brings.
final class Gpt2Scanner extends Scanner {
    static final String PATTERN = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    private static final int OTHER_THAN_WORDS = Kinds.WHITE | Kinds.LETTER | Kinds.NUMBER;

    @Override
    int next(byte[] text, int from, int to) {
        int first = text[from];
        if (first == '\'') {
            int end = lowerCaseContraction(text, from + 1, to);
            if (end > 0) {
                return end;
            }
        }
        int begin = first == ' ' && from + 1 < to ? from + 1 : from;
        int kind = Kinds.at(text, begin);
        if ((kind & Kinds.WHITE) != 0) {
            return spaces(text, from, to);
        }
        int at = begin + Utf8.length(text[begin]);
        if ((kind & Kinds.LETTER) != 0) {
            return run(text, at, to, Kinds.LETTER);
        }
        if (kind == Kinds.NUMBER) {
            return run(text, at, to, Kinds.NUMBER);
        }
        while (at < to && (Kinds.at(text, at) & OTHER_THAN_WORDS) == 0) {
            at += Utf8.length(text[at]);
        }
        return at;
    }

    /// `\s+(?!\S)|\s+`.
    private static int spaces(byte[] text, int from, int to) {
        int at = from;
        int last = from;
        while (at < to && (Kinds.at(text, at) & Kinds.WHITE) != 0) {
            last = at;
            at += Utf8.length(text[at]);
        }
        return at == to || last == from ? at : last;
    }

    private static int lowerCaseContraction(byte[] text, int at, int to) {
        int end = contraction(text, at, to);
        for (int i = at; i < end; i++) {
            if (text[i] < 'a') {
                return 0;
            }
        }
        return end;
    }
}
