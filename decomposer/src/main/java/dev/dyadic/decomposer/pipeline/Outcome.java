package dev.dyadic.decomposer.pipeline;

import dev.dyadic.proto.avro.Reject;
import dev.dyadic.proto.avro.Sequence;
import java.util.List;

/// What came of one record. Every record has exactly one.
public sealed interface Outcome {
    /// @param sequences at least one, in the order of their start
    record Decomposed(List<Sequence> sequences) implements Outcome {
        public Decomposed {
            sequences = List.copyOf(sequences);
        }
    }

    record Rejected(Reject reject) implements Outcome {}

    /// The very record was handled before: nothing is to be done.
    record Repeated() implements Outcome {}
}
