package dev.dyadic.sampler.serve;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.sampler.gather.GatherBudget;
import dev.dyadic.sampler.watch.CallLoad;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// What calls may use together: how many are open in each [Lane], how many batches are gathered at once, and how many
/// bytes of answers are on their way.
///
/// A call that waits for data, or whose answer nobody reads, gathers nothing, so it keeps nobody else from it. Answers
/// that nobody reads hold bytes: streams together at most half of all, one connection at most a quarter, and looks
/// and scans have bytes of their own. Safe for use by many threads.
public final class CallBudget implements CallLoad {
    /// Batch calls that may be open for one that may gather: the others wait.
    private static final int OPEN_PER_GATHERING = 8;
    /// Calls of every other lane, as a part of those that may gather.
    private static final int LANE_PART = 4;

    private static final int MIN_LANE_CALLS = 4;
    private static final int STREAMS_PART = 2;
    private static final int CONNECTION_PART = 4;
    private static final int OTHER_ANSWERS_PART = 8;
    /// What a stream may have queued for sending when the next batch is gathered: it holds bytes like a batch.
    static final int STREAM_QUEUE_BYTES = 128 << 10;

    private static final int UNIT_BITS = 10;
    private static final long RECENTLY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final int maxCalls;
    private final long maxInFlightBytes;
    private final int units;
    private final Map<Lane, Semaphore> open = new EnumMap<>(Lane.class);
    private final Semaphore gathering;
    private final Part batchBytes;
    private final Part streamBytes;
    private final Part lookBytes;
    private final Part scanBytes;
    private final Map<String, Connection> connections = new HashMap<>();
    private volatile long lastGathered = System.nanoTime() - RECENTLY_NANOS;

    /// Bytes of one connection's batches, while it has calls.
    private static final class Connection {
        final Part bytes;
        int calls;

        Connection(int units) {
            bytes = new Part(units, " over this connection");
        }
    }

    /// @param maxCalls batch calls that gather at once
    public CallBudget(int maxCalls, long maxInFlightBytes) {
        this.maxCalls = maxCalls;
        this.maxInFlightBytes = maxInFlightBytes;
        this.units = units(maxInFlightBytes);
        for (Lane lane : Lane.values()) {
            open.put(lane, new Semaphore(maxOpen(lane)));
        }
        this.gathering = new Semaphore(maxCalls, true);
        this.batchBytes = new Part(units, "");
        this.streamBytes = new Part(part(STREAMS_PART), " in streams");
        this.lookBytes = new Part(part(OTHER_ANSWERS_PART), "");
        this.scanBytes = new Part(part(OTHER_ANSWERS_PART), "");
    }

    /// @param connection that the call came over
    /// @return null if too many calls of the lane are open
    @Nullable
    Share enter(Lane lane, boolean isStream, String connection) {
        return permits(lane).tryAcquire() ? new Share(lane, isStream, connection) : null;
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
        return (long) (units - batchBytes.permits().availablePermits()) << UNIT_BITS;
    }

    DyadicException tooManyCalls(Lane lane) {
        return new DyadicException(
                DyadicException.Kind.TOO_MANY_CALLS,
                "this sampler has at most " + maxOpen(lane) + " calls of this kind open at once: try again, or ask"
                        + " another replica");
    }

    private int part(int parts) {
        return Math.max(1, units / parts);
    }

    private Semaphore permits(Lane lane) {
        return Objects.requireNonNull(open.get(lane));
    }

    private Part enterConnection(String name) {
        synchronized (connections) {
            Connection connection = connections.computeIfAbsent(name, _ -> new Connection(part(CONNECTION_PART)));
            connection.calls++;
            return connection.bytes;
        }
    }

    private void leaveConnection(String name) {
        synchronized (connections) {
            Connection connection = connections.get(name);
            if (connection != null && --connection.calls == 0) {
                connections.remove(name);
            }
        }
    }

    /// What one call has taken. Closed once, by whoever comes first.
    final class Share implements GatherBudget, AutoCloseable {
        private final Lane lane;
        private final boolean isStream;
        private final String connection;
        /// What its bytes are taken from, in this order.
        private final List<Part> parts;

        private final AtomicBoolean closed = new AtomicBoolean();
        private int taken;

        private Share(Lane lane, boolean isStream, String connection) {
            this.lane = lane;
            this.isStream = isStream;
            this.connection = connection;
            Part ofConnection = enterConnection(connection);
            this.parts = switch (lane) {
                case BATCHES ->
                    isStream ? List.of(ofConnection, streamBytes, batchBytes) : List.of(ofConnection, batchBytes);
                case LOOKS -> List.of(ofConnection, lookBytes);
                case SCANS -> List.of(ofConnection, scanBytes);
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
            int wanted = units(isStream ? (long) bytes + STREAM_QUEUE_BYTES : bytes);
            if (wanted <= taken) {
                return;
            }
            int before = taken;
            List<Part> got = new ArrayList<>();
            try {
                for (Part part : parts) {
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
                leaveConnection(connection);
                permits(lane).release();
            }
        }

        private void release() {
            parts.forEach(part -> part.release(0, taken));
            taken = 0;
        }
    }

    /// Bytes that several calls share, in units.
    ///
    /// @param most that one call takes of them: a larger answer takes all
    private record Part(Semaphore permits, int most, String whose) {
        Part(int most, String whose) {
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
    }

    private static int units(long bytes) {
        return (int) Math.min(Integer.MAX_VALUE, (bytes + (1 << UNIT_BITS) - 1) >>> UNIT_BITS);
    }
}
