package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.decomposer.tokenize.text.Kinds;
import dev.dyadic.decomposer.tokenize.text.Words;
import dev.dyadic.proto.Utf8;

/// `\w+|[^\w\s]+`, as Rust's regular expressions have it.
final class WordRuns implements Matches {
    @Override
    public void find(byte[] text, int from, int to, Found found) {
        int at = from;
        while (at < to) {
            int codePoint = Utf8.at(text, at);
            int begin = at;
            at += Utf8.length(text[at]);
            if (isWhite(codePoint)) {
                continue;
            }
            boolean isWord = Words.isWord(codePoint);
            while (at < to) {
                int next = Utf8.at(text, at);
                if (isWhite(next) || Words.isWord(next) != isWord) {
                    break;
                }
                at += Utf8.length(text[at]);
            }
            found.match(begin, at);
        }
    }

    private static boolean isWhite(int codePoint) {
        return (Kinds.of(codePoint) & Kinds.WHITE) != 0;
    }
}
