package dev.dyadic.sampler.gather;

/// What a call may use while its batch is gathered.
public interface GatherBudget {
    /// Waits until an answer of so many bytes may be on its way.
    ///
    /// @param deadlineNanos on the clock of [System#nanoTime]
    void takeBytes(int bytes, long deadlineNanos) throws InterruptedException;

    /// Waits until one more batch may be gathered, and gathers it.
    <T> T gather(Gathering<T> gathering, long deadlineNanos) throws InterruptedException;

    /// What a call does while it may gather.
    @FunctionalInterface
    interface Gathering<T> {
        T gather() throws InterruptedException;
    }
}
