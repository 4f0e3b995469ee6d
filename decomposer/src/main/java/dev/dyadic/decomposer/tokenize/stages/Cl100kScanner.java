package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.decomposer.tokenize.text.Kinds;
import dev.dyadic.proto.Utf8;

/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,n}|
/// ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`:
/// `cl100k_base` and Llama 3 with up to three digits, Qwen with one.
final class Cl100kScanner extends Scanner {
    private static final int OTHER_THAN_WORDS = Kinds.WHITE | Kinds.LETTER | Kinds.NUMBER;

    private final int mostDigits;

    Cl100kScanner(int mostDigits) {
        this.mostDigits = mostDigits;
    }

    @Override
    int next(byte[] text, int from, int to) {
        int first = text[from];
        int kind = Kinds.at(text, from);
        int at = from + Utf8.length(first);
        if ((kind & Kinds.LETTER) != 0) {
            return run(text, at, to, Kinds.LETTER);
        }
        if (first == '\'') {
            int end = contraction(text, at, to);
            if (end > 0) {
                return end;
            }
        }
        if (kind == Kinds.NUMBER) {
            return digits(text, at, to, mostDigits - 1);
        }
        int second = at < to ? Kinds.at(text, at) : Kinds.WHITE;
        if ((second & Kinds.LETTER) != 0 && kind != Kinds.NEWLINE) {
            return run(text, at + Utf8.length(text[at]), to, Kinds.LETTER);
        }
        if ((kind & Kinds.WHITE) == 0 || (first == ' ' && (second & OTHER_THAN_WORDS) == 0)) {
            while (at < to && (Kinds.at(text, at) & OTHER_THAN_WORDS) == 0) {
                at += Utf8.length(text[at]);
            }
            return newlines(text, at, to);
        }
        return lines(text, from, to);
    }
}
