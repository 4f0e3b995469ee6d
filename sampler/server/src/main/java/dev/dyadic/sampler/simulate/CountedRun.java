package dev.dyadic.sampler.simulate;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.TokenizerIdentity;
import dev.dyadic.sampler.order.Availability;
import dev.dyadic.sampler.order.LedgerState;
import dev.dyadic.sampler.order.Plan;
import dev.dyadic.sampler.order.Planner;
import dev.dyadic.sampler.order.PoolKey;
import dev.dyadic.sampler.order.Run;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.order.RunSpec;
import dev.dyadic.sampler.order.Window;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/// A bounded run over nothing but numbers of rows: one source, offsets without gaps, digests of zero.
public final class CountedRun {
    private static final String NAME = "counted";

    private final LedgerState state;
    private final Availability counts;

    /// @param rowsPerPartition by bucket
    public CountedRun(RunSpec spec, int partitions, ToLongFunction<Bucket> rowsPerPartition) {
        CorpusSettings corpus = new CorpusSettings(
                NAME,
                TokenizerIdentity.builtIn("bytes", 257, 256, 0),
                Layout.NEXT_TOKEN,
                spec.buckets(),
                LongDocuments.LONGEST_FIRST,
                0,
                0,
                partitions);
        this.state = new LedgerState(corpus);
        this.counts = new Counts(rowsPerPartition);
        Window from = Window.of(spec.buckets(), partitions, (_, _) -> 0);
        Window until = Window.of(spec.buckets(), partitions, (bucket, _) -> rowsPerPartition.applyAsLong(bucket));
        state.apply(0, LedgerCodec.encode(Run.record(NAME, spec, from, Optional.of(until), Optional.empty(), 0)));
    }

    public RunOrder order() {
        return state.run(NAME).orElseThrow();
    }

    /// Plans the next cycle, and does not take it.
    public Plan plan() {
        return Planner.plan(order(), counts, state.endOffset(), 0, 0, NAME);
    }

    /// Plans to the end.
    public RunOrder planAll() {
        while (plan() instanceof Plan.Proposed(var manifest)) {
            state.apply(state.endOffset(), LedgerCodec.encode(manifest));
        }
        return order();
    }

    private record Counts(ToLongFunction<Bucket> rowsPerPartition) implements Availability {
        @Override
        public long endOffset(Bucket bucket, int partition) {
            return rowsPerPartition.applyAsLong(bucket);
        }

        @Override
        public Set<String> sources(Bucket bucket) {
            return Set.of("all");
        }

        @Override
        public long rows(PoolKey pool, int partition, long from, long to) {
            return to - from;
        }

        @Override
        public long digest(PoolKey pool, int partition, long from, long to) {
            return 0;
        }
    }
}
