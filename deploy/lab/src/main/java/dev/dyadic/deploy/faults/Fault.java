package dev.dyadic.deploy.faults;

/// What can happen to the processes of a cluster.
enum Fault {
    KILL_DECOMPOSER,
    /// Stopped for longer than its session and its transaction may last, then continued.
    FREEZE_DECOMPOSER,
    KILL_SAMPLER,
    FREEZE_SAMPLER,
    KILL_BROKER,
    KILL_TRAINER,
    DELETE_DISK,
    TRUNCATE_SEGMENT,
    /// A bit of a file of tokens changes while the sampler runs.
    FLIP_TOKEN_BIT,
    /// A bit of a file of facts changes while the sampler is down.
    FLIP_FACT_BIT,
    /// No file may grow any more: what is written fails as on a full disk.
    FULL_DISK
}
