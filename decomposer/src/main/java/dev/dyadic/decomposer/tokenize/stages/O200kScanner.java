package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.decomposer.tokenize.text.Kinds;
import dev.dyadic.proto.Utf8;

/// The pattern of `o200k_base` and gpt-oss, in which words begin at upper case and take a contraction with them.
final class O200kScanner extends Scanner {
    static final String PATTERN = "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*"
            + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
            + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
            + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
            + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final int MOST_DIGITS = 3;
    private static final int UPPER = Kinds.UPPER | Kinds.CASELESS | Kinds.MARK;
    private static final int LOWER = Kinds.LOWER | Kinds.CASELESS | Kinds.MARK;
    private static final int WORD = UPPER | LOWER;
    private static final int OTHER_THAN_WORDS = Kinds.WHITE | Kinds.LETTER | Kinds.NUMBER;

    @Override
    int next(byte[] text, int from, int to) {
        int first = text[from];
        int kind = Kinds.at(text, from);
        if (kind == Kinds.NUMBER) {
            return digits(text, from, to, MOST_DIGITS);
        }
        int at = from + Utf8.length(first);
        if ((kind & WORD) != 0) {
            // A mark may stand before a word, and be one; both give the same end.
            return word(text, from, to);
        }
        int second = at < to ? Kinds.at(text, at) : Kinds.WHITE;
        if ((second & WORD) != 0 && kind != Kinds.NEWLINE) {
            return word(text, at, to);
        }
        if ((kind & Kinds.WHITE) == 0 || (first == ' ' && (second & OTHER_THAN_WORDS) == 0)) {
            while (at < to && (Kinds.at(text, at) & OTHER_THAN_WORDS) == 0) {
                at += Utf8.length(text[at]);
            }
            while (at < to && (text[at] == '\n' || text[at] == '\r' || text[at] == '/')) {
                at++;
            }
            return at;
        }
        return lines(text, from, to);
    }

    /// A run of upper case, of which as much is given back as lower case needs; then lower case; then a contraction.
    private static int word(byte[] text, int from, int to) {
        int at = from;
        int afterLastLower = 0;
        while (at < to) {
            int kind = Kinds.at(text, at);
            if ((kind & UPPER) == 0) {
                break;
            }
            at += Utf8.length(text[at]);
            if ((kind & LOWER) != 0) {
                afterLastLower = at;
            }
        }
        if (at < to && Kinds.at(text, at) == Kinds.LOWER) {
            at = run(text, at, to, LOWER);
        } else if (afterLastLower > 0) {
            at = afterLastLower;
        }
        if (at < to && text[at] == '\'') {
            int end = contraction(text, at + 1, to);
            return end > 0 ? end : at;
        }
        return at;
    }
}
