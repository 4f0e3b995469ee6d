package dev.dyadic.proto;

import java.util.concurrent.TimeUnit;

/// The clock for waits and ages. Nobody sets it, so it goes on evenly when the clock on the wall jumps.
public final class Uptime {
    private Uptime() {}

    /// Milliseconds since a moment that is fixed for this process; they mean nothing to another one.
    public static long millis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
