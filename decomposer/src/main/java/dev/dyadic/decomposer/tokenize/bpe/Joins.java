package dev.dyadic.decomposer.tokenize.bpe;

import dev.dyadic.proto.Utf8;
import org.jspecify.annotations.Nullable;

/// Which two characters may stand side by side within a token. Between two that never do, a text can be cut before it
/// is merged, which changes no id: there is no merge across. Never changes.
///
/// A set of hashes: it may say that two join that do not, which costs a cut and nothing else.
final class Joins {
    private static final int BITS = 22;

    private final long[] bits = new long[1 << (BITS - 6)];

    private Joins() {}

    static Joins of(byte[] @Nullable [] strings, MergeList merges) {
        Joins joins = new Joins();
        for (int i = 0; i < merges.size(); i++) {
            byte[] token = strings[merges.merged(i)];
            if (token != null) {
                joins.add(token);
            }
        }
        return joins;
    }

    boolean join(int left, int right) {
        int hash = hash(left, right);
        return (bits[hash >>> 6] & (1L << hash)) != 0;
    }

    private void add(byte[] token) {
        int before = Utf8.at(token, 0);
        for (int at = Utf8.length(token[0]); at < token.length; at += Utf8.length(token[at])) {
            int codePoint = Utf8.at(token, at);
            int hash = hash(before, codePoint);
            bits[hash >>> 6] |= 1L << hash;
            before = codePoint;
        }
    }

    private static int hash(int left, int right) {
        long mixed = (((long) left << 21) | right) * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> (64 - BITS));
    }
}
