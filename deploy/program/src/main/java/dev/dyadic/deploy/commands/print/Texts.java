package dev.dyadic.deploy.commands.print;

/// Words for people.
public final class Texts {
    private Texts() {}

    /// `1 cycle`, `2,000 cycles`.
    public static String count(long count, String singular) {
        return "%,d %s%s".formatted(count, singular, count == 1 ? "" : "s");
    }

    /// `256 MiB`
    public static String bytes(long bytes) {
        return "%,d MiB".formatted(bytes >> 20);
    }
}
