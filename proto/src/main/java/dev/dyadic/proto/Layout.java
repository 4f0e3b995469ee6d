package dev.dyadic.proto;

/// How the tokens of a row relate to inputs and targets.
public enum Layout implements Named {
    /// `2^k + 1` tokens: inputs `[0, 2^k)`, targets `[1, 2^k]`.
    NEXT_TOKEN("next-token", 1),
    /// `2^k` tokens, for trainers that shift inside.
    PLAIN("plain", 0);

    private final String text;
    private final int extraTokens;

    Layout(String text, int extraTokens) {
        this.text = text;
        this.extraTokens = extraTokens;
    }

    /// Tokens that a row of this length holds.
    public int rowTokens(Bucket bucket) {
        return bucket.length() + extraTokens;
    }

    @Override
    public String text() {
        return text;
    }

    public static Layout of(String text) {
        return Named.of(values(), "layout", text);
    }
}
