package dev.dyadic.deploy.commands.print;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Of lines that come often, one every ten seconds: progress for a log that nobody watches.
final class SparseLines implements Consumer<String> {
    private static final long EVERY_NANOS = 10_000_000_000L;

    private final LongSupplier clock;
    private final Consumer<String> lines;
    private long next;

    /// @param clock in nanoseconds, as [System#nanoTime]
    SparseLines(LongSupplier clock, Consumer<String> lines) {
        this.clock = clock;
        this.lines = lines;
        this.next = clock.getAsLong() + EVERY_NANOS;
    }

    @Override
    public void accept(String line) {
        long now = clock.getAsLong();
        if (now - next >= 0) {
            next = now + EVERY_NANOS;
            lines.accept(line.strip());
        }
    }
}
