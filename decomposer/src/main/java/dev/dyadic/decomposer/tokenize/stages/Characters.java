package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.proto.Utf8;
import java.util.function.IntPredicate;

/// Matches characters of one kind, each by itself, or in runs.
///
/// @param most characters of a match
record Characters(IntPredicate kind, int most) implements Matches {
    @Override
    public void find(byte[] text, int from, int to, Found found) {
        int at = from;
        while (at < to) {
            int begin = at;
            int count = 0;
            while (at < to && count < most && kind.test(Utf8.at(text, at))) {
                at += Utf8.length(text[at]);
                count++;
            }
            if (count > 0) {
                found.match(begin, at);
            } else {
                at += Utf8.length(text[at]);
            }
        }
    }
}
