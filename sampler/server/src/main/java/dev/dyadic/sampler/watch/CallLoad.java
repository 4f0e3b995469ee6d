package dev.dyadic.sampler.watch;

/// How much of what calls may use is in use.
public interface CallLoad {
    /// Calls that are open, waiting ones included.
    int callsInUse();

    /// Calls that gather batches.
    int callsGathering();

    /// Calls that may gather batches at once.
    int maxCalls();

    /// Bytes of answers that are on their way.
    long bytesInUse();

    /// Bytes of answers that may be on their way.
    long maxBytes();
}
