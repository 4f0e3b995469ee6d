package dev.dyadic.sampler.serve;

/// How long calls may take.
///
/// @param maxParkMillis longest that a call waits for data, or for Kafka
/// @param maxUnreadMillis after which a stream is ended that nobody reads
public record CallTimes(long maxParkMillis, long maxUnreadMillis) {}
