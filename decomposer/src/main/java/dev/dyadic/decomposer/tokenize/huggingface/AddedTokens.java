package dev.dyadic.decomposer.tokenize.huggingface;

import dev.dyadic.decomposer.tokenize.bpe.Trie;
import dev.dyadic.decomposer.tokenize.text.Kinds;
import dev.dyadic.decomposer.tokenize.text.Words;
import dev.dyadic.proto.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;

/// Finds added tokens in a text: the leftmost ones, of those that begin at one place the longest. Special ones are
/// found, too, and then are text: what else might be found inside of them is not. Never changes; safe for use by many
/// threads.
final class AddedTokens {
    private final List<AddedToken> tokens;
    private final Trie contents;
    private final int[] lengths;
    private final boolean[] beginnings = new boolean[256];

    /// @param normalize what becomes of a content before it is looked for
    AddedTokens(List<AddedToken> tokens, UnaryOperator<byte[]> normalize) {
        // If all are special, none is ever found.
        this.tokens = tokens.stream().allMatch(AddedToken::special) ? List.of() : List.copyOf(tokens);
        byte[][] strings = new byte[this.tokens.size()][];
        this.lengths = new int[strings.length];
        for (int i = 0; i < strings.length; i++) {
            strings[i] = normalize.apply(this.tokens.get(i).content().getBytes(StandardCharsets.UTF_8));
            lengths[i] = strings[i].length;
            if (strings[i].length > 0) {
                beginnings[strings[i][0] & 0xFF] = true;
            }
        }
        this.contents = new Trie(strings);
    }

    boolean isEmpty() {
        return tokens.isEmpty();
    }

    interface Parts {
        /// A part of the text between tokens, which has at least one character.
        void text(int from, int to);

        void token(int id);
    }

    /// Tells the parts of `[from, to)`.
    void split(byte[] text, int from, int to, Parts parts) {
        int told = from;
        int at = from;
        while (at < to) {
            int found = beginnings[text[at] & 0xFF] ? contents.longest(text, at, to) : -1;
            if (found < 0) {
                at++;
                continue;
            }
            AddedToken token = tokens.get(found);
            int begin = at;
            int end = at + lengths[found];
            at = end;
            if (token.special() || (token.singleWord() && touchesWord(text, from, begin, end, to))) {
                continue;
            }
            if (token.lstrip()) {
                begin = Math.max(told, whiteBefore(text, from, begin));
            }
            if (token.rstrip()) {
                end = whiteBehind(text, end, to);
            }
            if (told < begin) {
                parts.text(told, begin);
            }
            parts.token(token.id());
            told = end;
        }
        if (told < to) {
            parts.text(told, to);
        }
    }

    private static boolean touchesWord(byte[] text, int from, int begin, int end, int to) {
        return (begin > from && Words.isWord(Utf8.at(text, Utf8.before(text, begin))))
                || (end < to && Words.isWord(Utf8.at(text, end)));
    }

    private static int whiteBefore(byte[] text, int from, int begin) {
        int at = begin;
        while (at > from && (Kinds.at(text, Utf8.before(text, at)) & Kinds.WHITE) != 0) {
            at = Utf8.before(text, at);
        }
        return at;
    }

    private static int whiteBehind(byte[] text, int end, int to) {
        int at = end;
        while (at < to && (Kinds.at(text, at) & Kinds.WHITE) != 0) {
            at += Utf8.length(text[at]);
        }
        return at;
    }
}
