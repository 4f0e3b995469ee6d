package dev.dyadic.deploy.commands.process;

/// What scripts can tell an outcome by: one meaning for each code. Beyond these, a process that a signal ends has 128
/// and
/// the signal's number: 130 for Ctrl-C, 137 where it was killed, often for memory, 143 where it was asked to end.
public final class ExitCodes {
    public static final int OK = 0;
    /// Something outside is not as it should be; one line on standard error says what.
    public static final int FAILED = 1;
    /// The command was called wrongly.
    public static final int USAGE = 2;
    /// Memory ran out. Java itself ends the process with this code (`-XX:+ExitOnOutOfMemoryError`).
    public static final int OUT_OF_MEMORY = 3;
    /// An audit found a broken Law.
    public static final int LAW_BROKEN = 4;

    private ExitCodes() {}
}
