package dev.dyadic.decomposer.tokenize.stages;

/// What a pattern matches in a text. Never changes; safe for use by many threads.
@FunctionalInterface
interface Matches {
    /// Tells every match within `[from, to)`, in its order; matches do not overlap.
    void find(byte[] text, int from, int to, Found found);

    @FunctionalInterface
    interface Found {
        void match(int from, int to);
    }
}
