package dev.dyadic.deploy.cli;

/// Words for people.
final class Texts {
    private Texts() {}

    /// `1 cycle`, `2,000 cycles`.
    static String count(long count, String singular) {
        return "%,d %s%s".formatted(count, singular, count == 1 ? "" : "s");
    }

    /// `256 MiB`
    static String bytes(long bytes) {
        return "%,d MiB".formatted(bytes >> 20);
    }
}
