package dev.dyadic.decomposer.tokenize.bpe;

import java.util.List;

/// Finds out whether a text has one of a few strings in it. Never changes.
final class Substrings {
    private final Trie strings;
    /// A bit for each two bytes that a string begins with.
    private final long[] beginnings = new long[1 << (16 - 6)];
    private final int shortest;

    /// @param strings each of two bytes or more
    Substrings(List<byte[]> strings) {
        this.strings = new Trie(strings.toArray(byte[][]::new));
        this.shortest = strings.stream().mapToInt(string -> string.length).min().orElse(Integer.MAX_VALUE);
        for (byte[] string : strings) {
            int beginning = beginning(string, 0);
            beginnings[beginning >> 6] |= 1L << beginning;
        }
    }

    boolean isIn(byte[] text, int from, int to) {
        for (int at = from; at <= to - shortest; at++) {
            int beginning = beginning(text, at);
            if ((beginnings[beginning >> 6] & (1L << beginning)) != 0 && strings.longest(text, at, to) >= 0) {
                return true;
            }
        }
        return false;
    }

    private static int beginning(byte[] text, int at) {
        return ((text[at] & 0xFF) << 8) | (text[at + 1] & 0xFF);
    }
}
