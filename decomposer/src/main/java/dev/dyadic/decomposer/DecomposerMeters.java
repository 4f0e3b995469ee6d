package dev.dyadic.decomposer;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.LostDocuments;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;

/// What this member made of documents. Counted when it is processed: what a transaction that fails has made is made,
/// and counted, again.
final class DecomposerMeters {
    private static final String NONE = "";

    private final MeterRegistry registry;
    private final Buckets buckets;
    private final Counter decomposed;
    private final Counter repeated;
    private final Counter lost;
    private final List<Counter> sequences = new ArrayList<>();

    DecomposerMeters(MeterRegistry registry, Buckets buckets) {
        this.registry = registry;
        this.buckets = buckets;
        this.decomposed = documents("decomposed", NONE);
        this.repeated = documents("repeated", NONE);
        this.lost = Counter.builder("dyadic.decomposer.lost.offsets")
                .description("Offsets of documents that were deleted before they were decomposed")
                .register(registry);
        for (Bucket bucket : buckets) {
            sequences.add(Counter.builder("dyadic.decomposer.sequences")
                    .description("Sequences made, of a length")
                    .tag("length", Integer.toString(bucket.length()))
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

    void sequence(Bucket bucket) {
        sequences.get(buckets.indexOf(bucket)).increment();
    }

    void lost(List<LostDocuments> ranges) {
        ranges.forEach(range -> lost.increment((double) range.most()));
    }

    private Counter documents(String outcome, String reason) {
        return Counter.builder("dyadic.decomposer.documents")
                .description("Records of the documents topic that were processed: decomposed, rejected, or seen before")
                .tag("outcome", outcome)
                .tag("reason", reason)
                .register(registry);
    }
}
