package dev.dyadic.deploy.ops;

/// What is sent back.
///
/// @param policy what a browser may do with it
record OpsAnswer(int status, String type, String body, String policy) {
    static final int OK = 200;
    static final int BAD_REQUEST = 400;
    static final int NOT_FOUND = 404;
    static final int NOT_ALLOWED = 405;
    static final int MISDIRECTED = 421;
    static final int FAILED = 500;
    static final int UNAVAILABLE = 503;

    private static final String TEXT = "text/plain; charset=utf-8";

    /// A browser may do nothing with it.
    OpsAnswer(int status, String type, String body) {
        this(status, type, body, "default-src 'none'; frame-ancestors 'none'");
    }

    /// One line.
    static OpsAnswer text(int status, String line) {
        return new OpsAnswer(status, TEXT, line + "\n");
    }
}
