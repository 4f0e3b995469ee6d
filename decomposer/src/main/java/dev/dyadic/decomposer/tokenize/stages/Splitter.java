package dev.dyadic.decomposer.tokenize.stages;

/// A pre-tokenizer. Never changes; safe for use by many threads.
@FunctionalInterface
public interface Splitter {
    /// Leaves the text whole.
    Splitter WHOLE = (text, from, to, pieces) -> pieces.piece(text, from, to);

    /// Cuts `[from, to)`, which holds at least one character, into pieces. What a pre-tokenizer removes is in none of
    /// them.
    void split(byte[] text, int from, int to, Pieces pieces);

    /// What to use for the text that a document begins with.
    default Splitter atStart() {
        return this;
    }

    /// Cuts each piece of this one further.
    default Splitter then(Splitter second) {
        return new Sequence(this, second, second);
    }

    /// @param first what cuts the first piece further, where it begins with the text
    /// @param others what cuts the other ones
    record Sequence(Splitter outer, Splitter first, Splitter others) implements Splitter {
        @Override
        public void split(byte[] text, int from, int to, Pieces pieces) {
            boolean[] begun = new boolean[1];
            outer.split(text, from, to, (piece, begin, end) -> {
                // Where something was removed before it, the first piece does not begin with the text.
                Splitter inner = !begun[0] && begin == from ? first : others;
                begun[0] = true;
                inner.split(piece, begin, end, pieces);
            });
        }

        @Override
        public Splitter atStart() {
            return new Sequence(outer.atStart(), first.atStart(), others);
        }

        @Override
        public Splitter then(Splitter second) {
            return new Sequence(outer, first.then(second), others.then(second));
        }
    }
}
