package dev.dyadic.sampler.serve;

/// Something that a user should know.
///
/// @param sinceMillis when it was first seen
record Notice(String text, long sinceMillis) {}
