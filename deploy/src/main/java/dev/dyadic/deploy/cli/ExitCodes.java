package dev.dyadic.deploy.cli;

/// What scripts can tell an outcome by.
final class ExitCodes {
    static final int OK = 0;
    /// Something outside is not as it should be; one line on standard error says what.
    static final int FAILED = 1;
    /// The command was called wrongly.
    static final int USAGE = 2;
    /// An audit found a broken Law.
    static final int LAW_BROKEN = 3;

    private ExitCodes() {}
}
