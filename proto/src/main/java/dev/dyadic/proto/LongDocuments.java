package dev.dyadic.proto;

/// What happens to documents longer than the longest bucket.
public enum LongDocuments implements Named {
    /// The largest piece that fits, again and again.
    LONGEST_FIRST("longest-first"),
    /// Buckets are drawn with odds proportional to 1/length while `2^(max+1) + 1` tokens remain.
    SPREAD("spread");

    private final String text;

    LongDocuments(String text) {
        this.text = text;
    }

    @Override
    public String text() {
        return text;
    }

    public static LongDocuments of(String text) {
        return Named.of(values(), "long-documents", text);
    }
}
