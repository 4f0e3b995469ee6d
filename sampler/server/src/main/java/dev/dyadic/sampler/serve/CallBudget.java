package dev.dyadic.sampler.serve;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.sampler.gather.ByteBudget;
import dev.dyadic.sampler.watch.CallLoad;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// How many calls are answered at once, and how many bytes of answers are on their way, together.
public final class CallBudget implements CallLoad {
    private static final int UNIT_BITS = 10;

    private final int maxCalls;
    private final long maxInFlightBytes;
    private final Semaphore calls;
    /// The permits are units of 1 KiB.
    private final Semaphore inFlight;

    /// @param maxCalls answered at once, waiting ones included
    public CallBudget(int maxCalls, long maxInFlightBytes) {
        this.maxCalls = maxCalls;
        this.maxInFlightBytes = maxInFlightBytes;
        this.calls = new Semaphore(maxCalls);
        this.inFlight = new Semaphore(units(maxInFlightBytes));
    }

    /// @return null if too many calls are being answered
    @Nullable
    Share enter() {
        return calls.tryAcquire() ? new Share() : null;
    }

    @Override
    public int callsInUse() {
        return maxCalls - calls.availablePermits();
    }

    @Override
    public int maxCalls() {
        return maxCalls;
    }

    @Override
    public long maxBytes() {
        return maxInFlightBytes;
    }

    @Override
    public long bytesInUse() {
        return (long) (units(maxInFlightBytes) - inFlight.availablePermits()) << UNIT_BITS;
    }

    DyadicException tooManyCalls() {
        return new DyadicException(
                DyadicException.Kind.TOO_MANY_CALLS,
                "this sampler answers at most " + maxCalls + " calls at once: try again, or ask another replica");
    }

    /// What one call has taken. Closed once, by whoever comes first.
    final class Share implements ByteBudget, AutoCloseable {
        private final AtomicBoolean closed = new AtomicBoolean();
        private int taken;

        /// Waits until an answer of so many bytes may be sent. A stream has one on its way at a time.
        @Override
        public void takeBytes(int bytes, long deadlineNanos) throws InterruptedException {
            int more = units(bytes) - taken;
            if (more <= 0) {
                return;
            }
            if (!inFlight.tryAcquire(more, deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new DyadicException(
                        DyadicException.Kind.TOO_MANY_CALLS,
                        "answers of " + maxInFlightBytes
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
