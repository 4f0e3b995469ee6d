package dev.dyadic.proto;

/// How a bucket's weight in the draw of a step follows from its odds.
public enum Weighting implements Named {
    /// Odds times the bucket's steps in the cycle, as the authors' code does.
    ODDS_TIMES_STEPS("odds-times-steps"),
    /// The odds alone.
    ODDS("odds");

    private final String text;

    Weighting(String text) {
        this.text = text;
    }

    @Override
    public String text() {
        return text;
    }

    public static Weighting of(String text) {
        return Named.of(values(), "weighting", text);
    }
}
