package dev.dyadic.sampler.order;

/// Rows of a pool in a run, by the newest manifest: law 1. Bounded runs: of one pass.
///
/// @param dealt handed to cycles; what a fork skips is among them
public record PoolAccount(PoolKey pool, long admitted, long dealt, long pending, long shed) {}
