package dev.dyadic.deploy.bench;

import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.TokenizerIdentity;
import dev.dyadic.proto.Weighting;
import dev.dyadic.sampler.order.Availability;
import dev.dyadic.sampler.order.Curriculum;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.LedgerState;
import dev.dyadic.sampler.order.Mixture;
import dev.dyadic.sampler.order.Offsets;
import dev.dyadic.sampler.order.Plan;
import dev.dyadic.sampler.order.Planner;
import dev.dyadic.sampler.order.PoolKey;
import dev.dyadic.sampler.order.Run;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.order.RunSpec;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Planning the first cycle of a bounded run over many rows, by counts alone.
public final class PlanBench {
    private static final int PARTITIONS = 12;
    private static final Buckets BUCKETS = new Buckets(6, 13);
    /// Shares of the rows, shortest bucket first: those of English text.
    private static final int[] SHARES = {26, 24, 19, 15, 9, 4, 2, 1};

    private PlanBench() {}

    /// @param rows in millions, one measurement for each
    public static List<Figure> run(int rounds, List<Long> rows) {
        List<Figure> figures = new ArrayList<>();
        for (long millions : rows) {
            double[] millis = new double[rounds];
            double[] mebibytes = new double[rounds];
            long steps = 0;
            for (int round = -2; round < rounds; round++) {
                RunOrder order = opened(millions * 1_000_000);
                Availability counts = counts(millions * 1_000_000);
                long allocated = allocatedBytes();
                long before = System.nanoTime();
                Plan plan = Planner.plan(order, counts, 1, 0, 0, "bench");
                long nanos = System.nanoTime() - before;
                if (!(plan instanceof Plan.Proposed(var manifest))) {
                    throw new IllegalStateException("nothing was planned: " + plan);
                }
                steps = manifest.getSteps();
                if (round >= 0) {
                    millis[round] = nanos / 1e6;
                    mebibytes[round] = (allocatedBytes() - allocated) / 1048576.0;
                }
            }
            String name = "%,d million rows, %,d steps".formatted(millions, steps);
            figures.add(Figure.of("plan a cycle over " + name, "ms", millis));
            figures.add(Figure.of("allocated meanwhile", "MiB", mebibytes));
        }
        return figures;
    }

    private static RunOrder opened(long rows) {
        CorpusSettings corpus = new CorpusSettings(
                "bench",
                new TokenizerIdentity("bytes", 257, 256, 0),
                Layout.NEXT_TOKEN,
                BUCKETS,
                LongDocuments.LONGEST_FIRST,
                0,
                0,
                PARTITIONS);
        RunSpec spec = new RunSpec(
                1,
                BenchStack.TOKENS_PER_STEP,
                BUCKETS,
                Curriculum.of("grow-p2", BUCKETS, List.of()),
                Weighting.ODDS_TIMES_STEPS,
                Mixture.NATURAL,
                Split.TRAIN,
                RunSpec.EARLIEST,
                new Extent.Bounded(1, 1));
        Offsets from = Offsets.of(BUCKETS, PARTITIONS, (_, _) -> 0);
        Offsets until = Offsets.of(BUCKETS, PARTITIONS, (_, _) -> rows);
        LedgerState state = new LedgerState(corpus);
        state.apply(0, LedgerCodec.encode(Run.record("bench", spec, from, Optional.of(until), Optional.empty(), 0)));
        return state.run("bench").orElseThrow();
    }

    private static Availability counts(long rows) {
        return new Availability() {
            @Override
            public long endOffset(int log2, int partition) {
                return rows;
            }

            @Override
            public Set<String> sources(int log2) {
                return Set.of("web");
            }

            @Override
            public long rows(PoolKey pool, int partition, long from, long to) {
                return rows * SHARES[pool.log2() - BUCKETS.minLog2()] / 100 / PARTITIONS;
            }

            @Override
            public long digest(PoolKey pool, int partition, long from, long to) {
                return 0;
            }
        };
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
