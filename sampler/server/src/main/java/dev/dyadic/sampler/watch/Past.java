package dev.dyadic.sampler.watch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/// What a replica was like, a moment every ten seconds, so that somebody who comes later sees what was. The last two
/// hours, in memory only.
public final class Past implements AutoCloseable {
    private static final long EVERY_MILLIS = 10_000;
    static final int MAX_MOMENTS = 720;

    private final Supplier<Moment> now;
    private final Deque<Moment> moments = new ArrayDeque<>();
    private final Periodic periodic;

    /// @param rows that became readable in the ten minutes before
    /// @param p50Millis of their time from publishing to readable
    public record Moment(long atMillis, long lagRecords, long rows, long p50Millis, long p99Millis) {}

    public Past(Supplier<Moment> now) {
        this.now = now;
        this.periodic = new Periodic("dyadic-past", EVERY_MILLIS, this::remember);
    }

    void remember() {
        synchronized (moments) {
            moments.addLast(now.get());
            if (moments.size() > MAX_MOMENTS) {
                moments.removeFirst();
            }
        }
    }

    List<Moment> moments() {
        synchronized (moments) {
            return List.copyOf(moments);
        }
    }

    @Override
    public void close() {
        periodic.close();
    }
}
