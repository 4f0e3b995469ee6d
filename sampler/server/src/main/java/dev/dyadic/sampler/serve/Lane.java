package dev.dyadic.sampler.serve;

/// What a call is for. Each lane has permits of its own, so that calls of one never keep out those of another.
enum Lane {
    /// Fetches batches. Such a call is worked on or waits for data, and most of them wait.
    BATCHES,
    /// Commits, amends, forks, closes, tells a loss.
    CHANGES,
    /// Opens a run, which may wait for the decomposer.
    OPENINGS,
    /// Describes and lists what there is.
    LOOKS,
    /// Looks through the rows of the corpus, or reads records of it again.
    SCANS
}
