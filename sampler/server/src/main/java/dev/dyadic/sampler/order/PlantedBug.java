package dev.dyadic.sampler.order;

/// Ways to break the protocol, for showing that the simulation finds it. Real programs run with [#NONE].
public enum PlantedBug {
    NONE,
    /// A manifest counts although an amendment came between its basis and itself.
    SKIP_BASIS_CHECK,
    /// A replica serves what it has proposed before it has read it back.
    ACT_BEFORE_READ_BACK,
    /// Rows that did not fill a step are forgotten, and not carried to the next cycle.
    LOSE_CARRY_OVER
}
