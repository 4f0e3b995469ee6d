package dev.dyadic.deploy.faults;

/// What can happen to the processes of a cluster, to its disks, clocks and links, and to its data.
enum Fault {
    KILL_DECOMPOSER,
    /// Stopped for longer than its session and its transaction may last, then continued.
    FREEZE_DECOMPOSER,
    KILL_SAMPLER,
    FREEZE_SAMPLER,
    KILL_BROKER,
    /// Nothing comes through to Kafka, and nothing is closed, as where a network is cut.
    FREEZE_BROKERS,
    KILL_TRAINER,
    DELETE_DISK,
    TRUNCATE_SEGMENT,
    /// A bit of a file of tokens changes while the sampler runs.
    FLIP_TOKEN_BIT,
    /// A bit of a file of facts changes while the sampler is down.
    FLIP_FACT_BIT,
    /// No file of a sampler may grow any more: what is written fails as on a full disk. Later there is room again.
    FULL_DISK,
    /// The link between clients and a sampler is cut for a while.
    CUT_LINK,
    /// The clock on the wall of a sampler, or of the decomposer, jumps by an hour.
    STEP_CLOCK(FakeClock.isThere()),
    /// Documents of megabytes arrive, and one that has to be split.
    LARGE_DOCUMENTS,
    /// Retention takes documents that were decomposed.
    TRIM_DOCUMENTS,
    /// Of several brokers, each is stopped and started again, one after the other.
    ROLL_BROKERS(true, 3),
    /// Of three brokers, two are killed at once, and come back.
    LOSE_QUORUM(true, 3),
    /// Of three brokers, one loses its disk.
    LOSE_BROKER_DISK(true, 3);

    private final boolean isPossible;
    private final int brokers;

    Fault() {
        this(true);
    }

    Fault(boolean isPossible) {
        this(isPossible, 1);
    }

    Fault(boolean isPossible, int brokers) {
        this.isPossible = isPossible;
        this.brokers = brokers;
    }

    /// Whether it can be caused on this machine, with so many brokers.
    boolean isPossibleWith(int brokerCount) {
        return isPossible && brokerCount >= brokers;
    }
}
