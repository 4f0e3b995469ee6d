package dev.dyadic.deploy.bench;

import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.Weighting;
import dev.dyadic.sampler.order.Curriculum;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.MixtureWeights;
import dev.dyadic.sampler.order.Plan;
import dev.dyadic.sampler.order.RunSpec;
import dev.dyadic.sampler.simulate.CountedRun;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

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
                CountedRun run = opened(millions * 1_000_000);
                long allocated = allocatedBytes();
                long before = System.nanoTime();
                Plan plan = run.plan();
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

    private static CountedRun opened(long rows) {
        RunSpec spec = new RunSpec(
                1,
                BenchStack.TOKENS_PER_STEP,
                BUCKETS,
                Curriculum.of("grow-p2", BUCKETS, List.of()),
                Weighting.ODDS_TIMES_STEPS,
                MixtureWeights.NATURAL,
                Split.TRAIN,
                RunSpec.EARLIEST,
                new Extent.Bounded(1, 1));
        return new CountedRun(spec, PARTITIONS, bucket -> rows * SHARES[BUCKETS.indexOf(bucket)] / 100 / PARTITIONS);
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
