package dev.dyadic.sampler.serve;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.sampler.gather.GatherBudget;
import dev.dyadic.sampler.watch.CallLoad;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// What calls may use together: how many are open in each [Lane], how many batches are gathered at once, and how many
/// bytes of answers are on their way.
///
/// A call that waits for data, or whose answer nobody reads, gathers nothing, so it keeps nobody else from it. Answers
/// that nobody reads hold bytes: streams together at most half of all, one connection at most a quarter, and looks
/// and scans have bytes of their own. One caller has at most three quarters, of the calls of each lane, of the bytes
/// and
/// of those in streams, so that none shuts out all others. Safe for use by many threads.
public final class CallBudget implements CallLoad {
    /// Batch calls that may be open for one that may gather: the others wait.
    private static final int OPEN_PER_GATHERING = 8;
    /// Calls of every other lane, as a part of those that may gather.
    private static final int LANE_PART = 4;

    private static final int MIN_LANE_CALLS = 4;
    private static final int STREAMS_PART = 2;
    private static final int CONNECTION_PART = 4;
    private static final int OTHER_ANSWERS_PART = 8;
    /// What one caller leaves to the others.
    private static final int CALLER_LEAVES_PART = 4;
    /// What a stream may have queued for sending when the next batch is gathered: it holds bytes like a batch.
    static final int STREAM_QUEUE_BYTES = 128 << 10;

    private static final long RECENTLY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final int maxCalls;
    private final long maxInFlightBytes;
    private final int units;
    private final Map<Lane, Semaphore> open = new EnumMap<>(Lane.class);
    private final Semaphore gathering;
    private final BytePart batchBytes;
    private final BytePart streamBytes;
    private final BytePart lookBytes;
    private final BytePart scanBytes;
    private final Holders connections;
    private final Holders callers;
    private volatile long lastGathered = System.nanoTime() - RECENTLY_NANOS;

    /// @param maxCalls batch calls that gather at once
    public CallBudget(int maxCalls, long maxInFlightBytes) {
        this.maxCalls = maxCalls;
        this.maxInFlightBytes = maxInFlightBytes;
        this.units = BytePart.units(maxInFlightBytes);
        for (Lane lane : Lane.values()) {
            open.put(lane, new Semaphore(maxOpen(lane)));
        }
        this.gathering = new Semaphore(maxCalls, true);
        this.batchBytes = new BytePart(units, "");
        this.streamBytes = new BytePart(part(STREAMS_PART), " in streams");
        this.lookBytes = new BytePart(part(OTHER_ANSWERS_PART), "");
        this.scanBytes = new BytePart(part(OTHER_ANSWERS_PART), "");
        this.connections = new Holders(part(CONNECTION_PART), part(CONNECTION_PART), " over this connection");
        this.callers = new Holders(ofCaller(units), ofCaller(part(STREAMS_PART)), " to this caller");
    }

    /// @param connection that the call came over
    /// @param caller its name, or where callers are not known, its address
    /// @throws DyadicException where too many calls of the lane are open, or too many of this caller
    Share enter(Lane lane, boolean isStream, String connection, String caller) {
        if (!permits(lane).tryAcquire()) {
            throw tooMany("this sampler has at most " + maxOpen(lane) + " calls of this kind open at once");
        }
        Holders.Holder ofCaller = callers.enter(caller, lane, ofCaller(maxOpen(lane)));
        if (ofCaller == null) {
            permits(lane).release();
            throw tooMany("one caller has at most " + ofCaller(maxOpen(lane)) + " calls of this kind open at once, and "
                    + caller + " has them");
        }
        Holders.Holder ofConnection = Objects.requireNonNull(connections.enter(connection, lane, Integer.MAX_VALUE));
        return new Share(lane, isStream, ofConnection, ofCaller);
    }

    private static DyadicException tooMany(String what) {
        return new DyadicException(DyadicException.Kind.TOO_MANY_CALLS, what + ": try again, or ask another replica");
    }

    private static int ofCaller(int all) {
        return Math.max(1, all - all / CALLER_LEAVES_PART);
    }

    int maxOpen(Lane lane) {
        return lane == Lane.BATCHES ? maxCalls * OPEN_PER_GATHERING : Math.max(MIN_LANE_CALLS, maxCalls / LANE_PART);
    }

    /// Whether batches are gathered now, or were a moment ago: scans then take their time.
    boolean isGathering() {
        return gathering.availablePermits() < maxCalls || System.nanoTime() - lastGathered < RECENTLY_NANOS;
    }

    @Override
    public int callsInUse() {
        int calls = 0;
        for (Lane lane : Lane.values()) {
            calls += maxOpen(lane) - permits(lane).availablePermits();
        }
        return calls;
    }

    @Override
    public int callsGathering() {
        return maxCalls - gathering.availablePermits();
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
        return (long) (units - batchBytes.permits().availablePermits()) << BytePart.UNIT_BITS;
    }

    private int part(int parts) {
        return Math.max(1, units / parts);
    }

    private Semaphore permits(Lane lane) {
        return Objects.requireNonNull(open.get(lane));
    }

    /// What one call has taken. Closed once, by whoever comes first.
    final class Share implements GatherBudget, AutoCloseable {
        private final Lane lane;
        private final boolean isStream;
        private final Holders.Holder connection;
        private final Holders.Holder caller;
        /// What its bytes are taken from, in this order.
        private final List<BytePart> parts;

        private final AtomicBoolean closed = new AtomicBoolean();
        private int taken;

        private Share(Lane lane, boolean isStream, Holders.Holder connection, Holders.Holder caller) {
            this.lane = lane;
            this.isStream = isStream;
            this.connection = connection;
            this.caller = caller;
            this.parts = switch (lane) {
                case BATCHES ->
                    isStream
                            ? List.of(connection.bytes(), caller.bytes(), caller.streamBytes(), streamBytes, batchBytes)
                            : List.of(connection.bytes(), caller.bytes(), batchBytes);
                case LOOKS -> List.of(connection.bytes(), caller.bytes(), lookBytes);
                case SCANS -> List.of(connection.bytes(), caller.bytes(), scanBytes);
                // They are small, and what they tell of was done.
                case CHANGES, OPENINGS -> List.of();
            };
        }

        @Override
        public <T> T gather(Gathering<T> gathering, long deadlineNanos) throws InterruptedException {
            Semaphore permits = CallBudget.this.gathering;
            if (!permits.tryAcquire(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new DyadicException(
                        DyadicException.Kind.TOO_MANY_CALLS,
                        "this sampler gathers at most " + maxCalls + " batches at once, and this call had to wait for"
                                + " them too long: try again, or ask another replica");
            }
            try {
                return gathering.gather();
            } finally {
                lastGathered = System.nanoTime();
                permits.release();
            }
        }

        /// Waits until an answer of so many bytes may be sent. A stream has one on its way at a time.
        @Override
        public void takeBytes(int bytes, long deadlineNanos) throws InterruptedException {
            int wanted = BytePart.units(isStream ? (long) bytes + STREAM_QUEUE_BYTES : bytes);
            if (wanted <= taken) {
                return;
            }
            int before = taken;
            List<BytePart> got = new ArrayList<>();
            try {
                for (BytePart part : parts) {
                    part.acquire(before, wanted, deadlineNanos);
                    got.add(part);
                }
            } catch (DyadicException | InterruptedException e) {
                got.forEach(part -> part.release(before, wanted));
                throw e;
            }
            synchronized (this) {
                if (closed.get()) {
                    got.forEach(part -> part.release(before, wanted));
                } else {
                    taken = wanted;
                }
            }
        }

        /// That it has taken now.
        synchronized long bytes() {
            return (long) taken << BytePart.UNIT_BITS;
        }

        /// Gives back what was taken, once it has left.
        synchronized void returnBytes() {
            if (!closed.get()) {
                release();
            }
        }

        @Override
        public synchronized void close() {
            if (closed.compareAndSet(false, true)) {
                release();
                connections.leave(connection, lane);
                callers.leave(caller, lane);
                permits(lane).release();
            }
        }

        private void release() {
            parts.forEach(part -> part.release(0, taken));
            taken = 0;
        }
    }
}
