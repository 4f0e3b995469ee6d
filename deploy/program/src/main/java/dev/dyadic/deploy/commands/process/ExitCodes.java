package dev.dyadic.deploy.commands.process;

/// What scripts can tell an outcome by.
public final class ExitCodes {
    public static final int OK = 0;
    /// Something outside is not as it should be; one line on standard error says what.
    public static final int FAILED = 1;
    /// The command was called wrongly.
    public static final int USAGE = 2;
    /// An audit found a broken Law.
    public static final int LAW_BROKEN = 3;

    private ExitCodes() {}
}
