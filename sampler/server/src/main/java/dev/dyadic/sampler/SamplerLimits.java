package dev.dyadic.sampler;

import dev.dyadic.proto.InvalidException;
/// Bounds on what clients can cause.
///
/// @param maxCalls that gather batches at once; those that wait for data, and all others, do not count
/// @param maxParkMillis longest that a call waits for data
/// @param maxSliceBytes tokens of one answer
/// @param maxInFlightBytes tokens of answers that are being sent, together
/// @param maxDiskBytes rows on disk; replication pauses beyond it; 0: none
/// @param cacheBytes gathered steps, read ahead ones included
/// @param maxUnreadMillis after which a stream is ended that nobody reads

public record SamplerLimits(
        int maxCalls,
        long maxParkMillis,
        int maxSliceBytes,
        long maxInFlightBytes,
        long cacheBytes,
        long maxDiskBytes,
        long maxUnreadMillis) {
    public static final int DEFAULT_MAX_CALLS = 256;
    public static final long DEFAULT_MAX_PARK_MILLIS = 30_000;
    public static final long DEFAULT_MAX_UNREAD_MILLIS = 60_000;
    private static final int MAX_SLICE_BYTES = 64 << 20;
    private static final long MIN_IN_FLIGHT_BYTES = 4L << 20;
    private static final long MAX_IN_FLIGHT_BYTES = 256L << 20;
    private static final long MAX_CACHE_BYTES = 128L << 20;

    /// Those for this process: memory for answers and gathered steps is a part of its heap.
    public static final SamplerLimits DEFAULT = forHeap(Runtime.getRuntime().maxMemory());

    /// A quarter of the heap for answers on their way, an eighth for gathered steps, and at most 256 and 128 MiB.
    public static SamplerLimits forHeap(long heapBytes) {
        long inFlight = Math.clamp(heapBytes / 4, MIN_IN_FLIGHT_BYTES, MAX_IN_FLIGHT_BYTES);
        return new SamplerLimits(
                DEFAULT_MAX_CALLS,
                DEFAULT_MAX_PARK_MILLIS,
                (int) Math.min(MAX_SLICE_BYTES, inFlight),
                inFlight,
                Math.min(MAX_CACHE_BYTES, heapBytes / 8),
                0,
                DEFAULT_MAX_UNREAD_MILLIS);
    }

    public SamplerLimits {
        if (maxCalls < 1) {
            throw new InvalidException("max-calls must be at least 1, but was " + maxCalls);
        }
        if (maxParkMillis < 0 || maxParkMillis > 600_000) {
            throw new InvalidException("max-park must be between 0 and 600000 ms, but was " + maxParkMillis);
        }
        if (maxUnreadMillis < 1 || maxUnreadMillis > 86_400_000) {
            throw new InvalidException("max-unread must be between 1 and 86400000 ms, but was " + maxUnreadMillis);
        }
        if (maxSliceBytes < 1 << 20) {
            throw new InvalidException("max-slice-bytes must be at least 1048576, but was " + maxSliceBytes);
        }
        if (maxInFlightBytes < maxSliceBytes || maxInFlightBytes > 1L << 40) {
            throw new InvalidException("max-in-flight-bytes must be at least max-slice-bytes " + maxSliceBytes
                    + ", and at most 2^40, but was " + maxInFlightBytes);
        }
        if (cacheBytes < 0) {
            throw new InvalidException("cache-bytes must be at least 0, but was " + cacheBytes);
        }
    }
}
