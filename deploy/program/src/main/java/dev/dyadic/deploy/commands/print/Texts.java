package dev.dyadic.deploy.commands.print;

/// Words for people.
public final class Texts {
    private Texts() {}

    /// `1 cycle`, `2,000 cycles`.
    public static String count(long count, String singular) {
        return plural(count, singular, singular + "s");
    }

    /// `1 corpus`, `2 corpora`.
    public static String plural(long count, String singular, String plural) {
        return "%,d %s".formatted(count, count == 1 ? singular : plural);
    }

    /// `256 MiB`
    public static String bytes(long bytes) {
        return "%,d MiB".formatted(bytes >> 20);
    }
}
