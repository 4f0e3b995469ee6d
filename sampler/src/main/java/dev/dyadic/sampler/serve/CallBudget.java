package dev.dyadic.sampler.serve;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// How many calls are answered at once, and how many bytes of answers are on their way, together.
final class CallBudget {
    private static final int UNIT_BITS = 10;

    private final SamplerLimits limits;
    private final Semaphore calls;
    /// In units of 1 KiB.
    private final Semaphore inFlight;

    CallBudget(SamplerLimits limits) {
        this.limits = limits;
        this.calls = new Semaphore(limits.maxCalls());
        this.inFlight = new Semaphore(units(limits.maxInFlightBytes()));
    }

    /// @return null if too many calls are being answered
    @Nullable
    Share enter() {
        return calls.tryAcquire() ? new Share() : null;
    }

    /// Calls that are being answered.
    int callsInUse() {
        return limits.maxCalls() - calls.availablePermits();
    }

    /// Bytes of answers that are on their way.
    long bytesInUse() {
        return (long) (units(limits.maxInFlightBytes()) - inFlight.availablePermits()) << UNIT_BITS;
    }

    SamplerException tooManyCalls() {
        return new SamplerException(
                SamplerException.Kind.TOO_MANY_CALLS,
                "this sampler answers at most " + limits.maxCalls()
                        + " calls at once: try again, or ask another replica");
    }

    /// What one call has taken. Closed once, by whoever comes first.
    final class Share implements AutoCloseable {
        private final AtomicBoolean closed = new AtomicBoolean();
        private int taken;

        /// Waits until an answer of so many bytes may be sent. A stream has one on its way at a time.
        void takeBytes(int bytes, long deadlineNanos) throws InterruptedException {
            int more = units(bytes) - taken;
            if (more <= 0) {
                return;
            }
            if (!inFlight.tryAcquire(more, deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new SamplerException(
                        SamplerException.Kind.TOO_MANY_CALLS,
                        "answers of " + limits.maxInFlightBytes()
                                + " bytes together are on their way and are not read fast enough:"
                                + " try again, or ask another replica");
            }
            synchronized (this) {
                if (closed.get()) {
                    inFlight.release(more);
                } else {
                    taken += more;
                }
            }
        }

        /// Gives back what was taken, once it has left.
        synchronized void returnBytes() {
            if (!closed.get()) {
                inFlight.release(taken);
                taken = 0;
            }
        }

        @Override
        public synchronized void close() {
            if (closed.compareAndSet(false, true)) {
                inFlight.release(taken);
                calls.release();
            }
        }
    }

    private static int units(long bytes) {
        return (int) Math.min(Integer.MAX_VALUE, (bytes + (1 << UNIT_BITS) - 1) >>> UNIT_BITS);
    }
}
