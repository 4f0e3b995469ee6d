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
    /// In a file of tokens, while the sampler runs.
    FLIP_TOKEN_BIT,
    /// In a file of facts, while the sampler is down.
    FLIP_FACT_BIT,
    /// No file may grow any more: what is written fails as on a full disk.
    FULL_DISK
}
