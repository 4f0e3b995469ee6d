package dev.dyadic.decomposer.tokenize.stages;

import java.util.Arrays;

/// Puts a character in the place of spaces, and one before each text if it is to; cuts before each of them if it is to.
///
/// @param prependsAtStart whether it prepends to the text that the document begins with, if not to others
record Metaspace(String replacement, boolean prepends, boolean prependsAtStart, boolean cuts) implements Splitter {
    @Override
    public void split(byte[] text, int from, int to, Pieces pieces) {
        byte[] replaced = new Replace(new Literal(" "), replacement).normalize(Arrays.copyOfRange(text, from, to));
        if (prepends) {
            replaced = new Prepend(replacement, true).normalize(replaced);
        }
        if (cuts) {
            new MatchSplitter(new Literal(replacement), Behavior.MERGED_WITH_NEXT, false)
                    .split(replaced, 0, replaced.length, pieces);
        } else {
            pieces.piece(replaced, 0, replaced.length);
        }
    }

    @Override
    public Splitter atStart() {
        return new Metaspace(replacement, prepends || prependsAtStart, prependsAtStart, cuts);
    }
}
