package dev.dyadic.decomposer.tokenize.stages;

/// What becomes of the parts of a text that a pattern matches: the Hugging Face library's `SplitDelimiterBehavior`.
public enum Behavior {
    /// They are dropped.
    REMOVED("Removed"),
    /// Each is a piece.
    ISOLATED("Isolated"),
    /// Each belongs to the piece before it.
    MERGED_WITH_PREVIOUS("MergedWithPrevious"),
    /// Each belongs to the piece after it.
    MERGED_WITH_NEXT("MergedWithNext"),
    /// Those that touch are one piece.
    CONTIGUOUS("Contiguous");

    private final String text;

    Behavior(String text) {
        this.text = text;
    }

    /// Its name in a `tokenizer.json`.
    public String text() {
        return text;
    }
}
