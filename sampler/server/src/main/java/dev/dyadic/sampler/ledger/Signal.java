package dev.dyadic.sampler.ledger;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Tells waiting threads that something has grown: rows, or the ledger. Nobody polls.
public final class Signal {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long version;

    /// Read it before looking at what may grow; then wait for a later one.
    public long version() {
        lock.lock();
        try {
            return version;
        } finally {
            lock.unlock();
        }
    }

    public void raise() {
        lock.lock();
        try {
            version++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits until there is a later version, or the time is up.
    ///
    /// @return whether there is a later version
    public boolean await(long seen, long nanos) throws InterruptedException {
        long left = nanos;
        lock.lock();
        try {
            while (version == seen) {
                if (left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// A deadline on the clock that [System#nanoTime] reads.
    public static long deadlineIn(long millis) {
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
