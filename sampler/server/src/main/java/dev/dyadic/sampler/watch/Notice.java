package dev.dyadic.sampler.watch;

/// Something that a user should know.
///
/// @param sinceMillis when it was first seen
public record Notice(String text, long sinceMillis) {}
