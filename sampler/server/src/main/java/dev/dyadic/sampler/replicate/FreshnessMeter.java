package dev.dyadic.sampler.replicate;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// From the publishing of a document to when its rows can be served, over the last ten minutes: what was slow once,
/// or measured by a clock that jumped, is forgotten. Both times are of clocks on walls, perhaps of two machines.
public final class FreshnessMeter {
    private static final long MAX_MILLIS = TimeUnit.DAYS.toMillis(1);
    private static final int PARTS = 10;
    static final long PART_MILLIS = TimeUnit.MINUTES.toMillis(1);

    /// Each has the rows of one minute; the newest takes the place of the oldest.
    private final Histogram[] parts = new Histogram[PARTS];

    private long newest;

    public FreshnessMeter(long uptimeMillis) {
        newest = uptimeMillis / PART_MILLIS;
        for (int i = 0; i < PARTS; i++) {
            parts[i] = new Histogram(MAX_MILLIS, 3);
        }
    }

    /// @param uptimeMillis now, on the clock of [dev.dyadic.proto.Uptime]
    synchronized void record(long publishedMillis, long wallMillis, long uptimeMillis) {
        forget(uptimeMillis);
        at(newest).recordValue(Math.clamp(wallMillis - publishedMillis, 0, MAX_MILLIS));
    }

    /// @param rows measured in the last ten minutes
    public record Snapshot(long rows, long p50Millis, long p99Millis, long maxMillis) {}

    public synchronized Snapshot snapshot(long uptimeMillis) {
        forget(uptimeMillis);
        Histogram all = new Histogram(MAX_MILLIS, 3);
        for (Histogram part : parts) {
            all.add(part);
        }
        return new Snapshot(
                all.getTotalCount(), all.getValueAtPercentile(50), all.getValueAtPercentile(99), all.getMaxValue());
    }

    private void forget(long uptimeMillis) {
        long now = uptimeMillis / PART_MILLIS;
        for (long part = Math.max(newest + 1, now - PARTS + 1); part <= now; part++) {
            at(part).reset();
        }
        newest = Math.max(newest, now);
    }

    private Histogram at(long part) {
        return parts[(int) Math.floorMod(part, (long) PARTS)];
    }
}
