package dev.dyadic.sampler.order;

/// The furthest commit of a run: a trainer has a checkpoint after this step.
public record LastCommit(long step, RecordDigest manifestDigest) {}
