package dev.dyadic.sampler.order;

import dev.dyadic.proto.avro.Manifest;

/// What came of planning the next cycle of a run.
public sealed interface Plan {
    record Proposed(Manifest manifest) implements Plan {}

    /// @param steps whole steps that are there
    /// @param needed whole steps that a cycle needs now
    record NotEnough(long steps, long needed, String reason) implements Plan {}

    /// The run is bounded, and this was its last cycle.
    record Complete() implements Plan {}
}
