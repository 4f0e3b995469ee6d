package dev.dyadic.proto;

/// The two parts of a corpus.
public enum Split implements Named {
    TRAIN("train"),
    HOLDOUT("holdout");

    private final String text;

    Split(String text) {
        this.text = text;
    }

    @Override
    public String text() {
        return text;
    }

    public static Split of(String text) {
        return Named.of(values(), "split", text);
    }
}
