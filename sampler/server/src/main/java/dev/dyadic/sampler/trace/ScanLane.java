package dev.dyadic.sampler.trace;

import dev.dyadic.proto.DyadicException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// Lets scans of the rows through one slice of time after another, so that however many there are, batches are
/// gathered meanwhile: while somebody else works, all scans together take a tenth of the cores' time. Whoever scans
/// asks now and then whether to go on.
public final class ScanLane {
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final double SHARE_OF_CORES = 0.1;
    /// How often a scan that waits looks whether its caller is still there.
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /// Held by the scan whose slice it is, and while scans rest after it.
    private final Semaphore turn = new Semaphore(1, true);

    private final BooleanSupplier othersWork;
    /// Rest for each nanosecond of scanning, while others work.
    private final double restRatio;
    /// When the lane has rested for what was scanned last; of whoever has the turn.
    private long restedNanos = System.nanoTime();

    /// @param othersWork whether calls that are no scans work now
    public ScanLane(BooleanSupplier othersWork) {
        this(othersWork, Runtime.getRuntime().availableProcessors());
    }

    ScanLane(BooleanSupplier othersWork, int cores) {
        this.othersWork = othersWork;
        double duty = Math.min(1, SHARE_OF_CORES * cores);
        this.restRatio = 1 / duty - 1;
    }

    /// One scan, owned by the thread that scans.
    public final class Scan implements AutoCloseable {
        private final BooleanSupplier isGone;
        private final long deadlineNanos;
        private boolean hasTurn;
        private long sliceBegan;

        private Scan(BooleanSupplier isGone, long deadlineNanos) {
            this.isGone = isGone;
            this.deadlineNanos = deadlineNanos;
        }

        /// To be called often, every millisecond or so: waits for the scan's turn, and ends the scan where its caller
        /// has gone or its time is over.
        public void goOn() throws InterruptedException {
            requireCaller();
            if (hasTurn && System.nanoTime() - sliceBegan < SLICE_NANOS) {
                return;
            }
            close();
            // Whoever goes meanwhile interrupts the thread.
            boolean isIn = turn.tryAcquire(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (!isIn) {
                throw tooLate();
            }
            hasTurn = true;
            sliceBegan = System.nanoTime();
            rest();
            sliceBegan = System.nanoTime();
        }

        /// Gives the turn away for a while, as before reading from Kafka.
        public void pause() throws InterruptedException {
            close();
            requireCaller();
        }

        /// What was scanned is paid for by whoever has the turn next: short scans, one after the other, rest as one
        /// long scan
        /// does.
        @Override
        public void close() {
            if (hasTurn) {
                hasTurn = false;
                long now = System.nanoTime();
                restedNanos = Math.max(now, restedNanos) + (long) ((now - sliceBegan) * restRatio);
                turn.release();
            }
        }

        private void rest() throws InterruptedException {
            while (othersWork.getAsBoolean() && restedNanos - System.nanoTime() > 0) {
                TimeUnit.NANOSECONDS.sleep(Math.min(LOOK_NANOS, restedNanos - System.nanoTime()));
                requireCaller();
            }
            restedNanos = System.nanoTime();
        }

        private void requireCaller() throws InterruptedException {
            if (Thread.interrupted() || isGone.getAsBoolean()) {
                throw new InterruptedException("the caller of a scan has gone");
            }
            if (System.nanoTime() - deadlineNanos > 0) {
                throw tooLate();
            }
        }

        private static DyadicException tooLate() {
            return new DyadicException(
                    DyadicException.Kind.NOT_READY,
                    "the rows were not looked through within the call's time: ask with a longer deadline, or when the"
                            + " sampler has less to do");
        }
    }

    /// @param isGone whether the caller has gone
    public Scan enter(BooleanSupplier isGone, long deadlineNanos) {
        return new Scan(isGone, deadlineNanos);
    }
}
