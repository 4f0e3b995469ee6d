package dev.dyadic.sampler.replicate;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SynchronizedHistogram;

/// From the publishing of a document to when its rows can be served. Only documents published since the meter was made
/// count: what was read from an old log says nothing about freshness.
public final class FreshnessMeter {
    private static final long MAX_MILLIS = TimeUnit.DAYS.toMillis(1);

    private final long sinceMillis;
    private final Histogram millis = new SynchronizedHistogram(MAX_MILLIS, 3);

    public FreshnessMeter(long sinceMillis) {
        this.sinceMillis = sinceMillis;
    }

    void record(long publishedMillis, long nowMillis) {
        if (publishedMillis >= sinceMillis) {
            millis.recordValue(Math.clamp(nowMillis - publishedMillis, 0, MAX_MILLIS));
        }
    }

    /// @param rows measured
    public record Snapshot(long rows, long p50Millis, long p99Millis, long maxMillis) {}

    public Snapshot snapshot() {
        Histogram copy = millis.copy();
        return new Snapshot(
                copy.getTotalCount(), copy.getValueAtPercentile(50), copy.getValueAtPercentile(99), copy.getMaxValue());
    }
}
