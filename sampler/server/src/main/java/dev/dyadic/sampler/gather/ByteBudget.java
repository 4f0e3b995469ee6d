package dev.dyadic.sampler.gather;

/// Bounds the bytes of answers that are on their way.
@FunctionalInterface
public interface ByteBudget {
    /// Waits until an answer of so many bytes may be made.
    ///
    /// @param deadlineNanos on the clock of [System#nanoTime]
    void takeBytes(int bytes, long deadlineNanos) throws InterruptedException;
}
