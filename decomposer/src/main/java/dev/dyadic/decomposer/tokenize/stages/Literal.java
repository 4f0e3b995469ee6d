package dev.dyadic.decomposer.tokenize.stages;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Matches a string that is not empty.
final class Literal implements Matches {
    private final byte[] wanted;

    Literal(String wanted) {
        this.wanted = wanted.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void find(byte[] text, int from, int to, Found found) {
        int at = from;
        while (at + wanted.length <= to) {
            if (text[at] == wanted[0] && Arrays.equals(text, at, at + wanted.length, wanted, 0, wanted.length)) {
                found.match(at, at + wanted.length);
                at += wanted.length;
            } else {
                at++;
            }
        }
    }
}
