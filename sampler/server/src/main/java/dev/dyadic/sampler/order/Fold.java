package dev.dyadic.sampler.order;

/// What a ledger record did when it was folded.
public sealed interface Fold {
    record Accepted() implements Fold {}

    /// An amendment was accepted.
    ///
    /// @param cycle the first that is planned by it
    /// @param firstStep of that cycle
    record Amended(long cycle, long firstStep) implements Fold {}

    /// It changes nothing, as happens when replicas race: another record won.
    record Ignored(String reason) implements Fold {}

    /// It changes nothing, and no correct replica wrote it so.
    record Invalid(String reason) implements Fold {}
}
