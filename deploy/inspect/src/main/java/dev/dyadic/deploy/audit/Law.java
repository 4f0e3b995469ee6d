package dev.dyadic.deploy.audit;

/// The Laws that an audit recomputes, under their numbers in the architecture.
public enum Law {
    CONSERVATION(1, "conservation"),
    SINGLE_ORIGIN(2, "single origin"),
    PURE_BATCHES(3, "pure batches"),
    CONSTANT_TOKENS(4, "constant tokens"),
    ONE_LENGTH(5, "one length per step"),
    AT_MOST_ONCE(6, "at most once, nearly all");

    private final int number;
    private final String title;

    Law(int number, String title) {
        this.number = number;
        this.title = title;
    }

    public int number() {
        return number;
    }

    public String title() {
        return title;
    }
}
