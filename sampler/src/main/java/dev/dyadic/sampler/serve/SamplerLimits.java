package dev.dyadic.sampler.serve;

/// Bounds on what clients can cause.
///
/// @param maxCalls answered at once, parked ones included
/// @param maxParkMillis longest that a call waits for data
/// @param maxSliceBytes tokens of one answer
/// @param maxInFlightBytes tokens of answers that are being sent, together
/// @param maxDiskBytes rows on disk; replication pauses beyond it; 0: none
/// @param cacheBytes gathered steps, read ahead ones included
public record SamplerLimits(
        int maxCalls,
        long maxParkMillis,
        int maxSliceBytes,
        long maxInFlightBytes,
        long cacheBytes,
        long maxDiskBytes) {
    /// Before a caller's deadline, a parked call is answered with the reason.
    static final int ANSWER_MILLIS = 200;

    public static final SamplerLimits DEFAULT = new SamplerLimits(256, 30_000, 64 << 20, 256L << 20, 128L << 20, 0);

    public SamplerLimits {
        if (maxCalls < 1) {
            throw new IllegalArgumentException("max-calls must be at least 1, but was " + maxCalls);
        }
        if (maxParkMillis < 0 || maxParkMillis > 600_000) {
            throw new IllegalArgumentException("max-park must be between 0 and 600000 ms, but was " + maxParkMillis);
        }
        if (maxSliceBytes < 1 << 20) {
            throw new IllegalArgumentException("max-slice-bytes must be at least 1048576, but was " + maxSliceBytes);
        }
        if (maxInFlightBytes < maxSliceBytes || maxInFlightBytes > 1L << 40) {
            throw new IllegalArgumentException("max-in-flight-bytes must be at least max-slice-bytes " + maxSliceBytes
                    + ", and at most 2^40, but was " + maxInFlightBytes);
        }
        if (cacheBytes < 0) {
            throw new IllegalArgumentException("cache-bytes must be at least 0, but was " + cacheBytes);
        }
    }
}
