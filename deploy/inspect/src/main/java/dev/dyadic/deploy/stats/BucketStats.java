package dev.dyadic.deploy.stats;

/// @param tokens in the sequences: `length + 1` each for layout next-token, `length` for plain
/// @param positions in the sequences: `length` each; what a trainer counts
public record BucketStats(int length, long sequences, long tokens, long positions) {}
