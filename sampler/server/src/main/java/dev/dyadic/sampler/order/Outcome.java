package dev.dyadic.sampler.order;

/// What a ledger record did when it was folded.
public sealed interface Outcome {
    record Accepted() implements Outcome {}

    /// An amendment was accepted.
    ///
    /// @param cycle the first that is planned by it
    /// @param firstStep of that cycle
    record AmendmentTaken(long cycle, long firstStep) implements Outcome {}

    /// It changes nothing, as happens when replicas race: another record won.
    record Ignored(String reason) implements Outcome {}

    /// A later release wrote it. The run that it is about, or every run, is neither planned nor served from now on.
    record Unknown(String needs) implements Outcome {}

    /// It changes nothing, and no correct replica wrote it so.
    record Invalid(String reason) implements Outcome {}
}
