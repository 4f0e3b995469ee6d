package dev.dyadic.sampler.order;

import org.apache.avro.specific.SpecificRecordBase;

/// What becomes of a request on a run.
public sealed interface Decision {
    /// The record says what was asked for; it counts once it is in the ledger and was read back.
    record Append(SpecificRecordBase record) implements Decision {}

    /// The ledger has what was asked for already.
    record Done(RunOrder order) implements Decision {}

    record Refused(Refusal refusal) implements Decision {}
}
