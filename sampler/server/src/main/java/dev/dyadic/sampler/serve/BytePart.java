package dev.dyadic.sampler.serve;

import dev.dyadic.proto.DyadicException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Bytes that several calls share, in units of a kibibyte.
///
/// @param most that one call takes of them: a larger answer takes all
/// @param whose for the message, after "on their way"
record BytePart(Semaphore permits, int most, String whose) {
    static final int UNIT_BITS = 10;

    BytePart(int most, String whose) {
        this(new Semaphore(most), most, whose);
    }

    /// Waits until a call that has taken so many units may have so many.
    void acquire(int taken, int wanted, long deadlineNanos) throws InterruptedException {
        if (!permits.tryAcquire(more(taken, wanted), deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            throw new DyadicException(
                    DyadicException.Kind.TOO_MANY_CALLS,
                    "answers of " + ((long) most << UNIT_BITS) + " bytes together are on their way" + whose
                            + " and are not read fast enough: try again, or ask another replica");
        }
    }

    void release(int kept, int taken) {
        permits.release(more(kept, taken));
    }

    private int more(int taken, int wanted) {
        return Math.min(most, wanted) - Math.min(most, taken);
    }

    static int units(long bytes) {
        return (int) Math.min(Integer.MAX_VALUE, (bytes + (1 << UNIT_BITS) - 1) >>> UNIT_BITS);
    }
}
