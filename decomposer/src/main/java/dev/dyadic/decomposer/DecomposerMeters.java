package dev.dyadic.decomposer;

import dev.dyadic.proto.Buckets;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;

/// What this member made of documents. Counted when it is processed: what a transaction that fails has made is made,
/// and
/// counted, again.
final class DecomposerMeters {
    private static final String NONE = "";

    private final MeterRegistry registry;
    private final int minLog2;
    private final Counter decomposed;
    private final Counter repeated;
    private final List<Counter> sequences = new ArrayList<>();

    DecomposerMeters(MeterRegistry registry, Buckets buckets) {
        this.registry = registry;
        this.minLog2 = buckets.minLog2();
        this.decomposed = documents("decomposed", NONE);
        this.repeated = documents("repeated", NONE);
        for (int log2 = buckets.minLog2(); log2 <= buckets.maxLog2(); log2++) {
            sequences.add(Counter.builder("dyadic.decomposer.sequences")
                    .description("Sequences made, of a length")
                    .tag("length", Integer.toString(1 << log2))
                    .register(registry));
        }
    }

    void decomposed() {
        decomposed.increment();
    }

    void repeated() {
        repeated.increment();
    }

    void rejected(String reason) {
        documents("rejected", reason).increment();
    }

    void sequence(int log2) {
        sequences.get(log2 - minLog2).increment();
    }

    private Counter documents(String outcome, String reason) {
        return Counter.builder("dyadic.decomposer.documents")
                .description("Records of the documents topic that were processed: decomposed, rejected, or seen before")
                .tag("outcome", outcome)
                .tag("reason", reason)
                .register(registry);
    }
}
