package dev.dyadic.sampler.order;

import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.Weighting;
import dev.dyadic.sampler.simulate.CountedRun;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/// The kernels of the order, over 10^9 rows in 12 partitions. Run by `deploy/kernels`.
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls plan() first
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class KernelBenchmark {
    private static final Buckets BUCKETS = new Buckets(6, 13);
    private static final int PARTITIONS = 12;
    private static final long ROWS_PER_PARTITION = 10_400_000;
    private static final int ROWS = 256;

    private CycleOrder cycle;
    private Permutation permutation;
    private RowRefs refs;
    private long next;

    @Setup
    public void plan() {
        RunSpec spec = new RunSpec(
                1,
                1 << 21,
                BUCKETS,
                Curriculum.of("grow-p2", BUCKETS, List.of()),
                Weighting.ODDS_TIMES_STEPS,
                MixtureWeights.NATURAL,
                Split.TRAIN,
                RunSpec.EARLIEST,
                new Extent.Bounded(1, 1));
        RunOrder order = new CountedRun(spec, PARTITIONS, _ -> ROWS_PER_PARTITION).planAll();
        cycle = new CycleOrder(order, order.cycle(0));
        permutation = new Permutation(PARTITIONS * ROWS_PER_PARTITION, 7);
        refs = cycle.rows(0, 0, Math.min(ROWS, cycle.rowsPerStep(0)));
    }

    /// A place of a deck to its row.
    @Benchmark
    public long permute() {
        next = (next + 7919) % (PARTITIONS * ROWS_PER_PARTITION);
        return permutation.apply(next);
    }

    /// A row to its place in a deck.
    @Benchmark
    public long permuteBack() {
        next = (next + 7919) % (PARTITIONS * ROWS_PER_PARTITION);
        return permutation.invert(next);
    }

    /// A step and a place in it to a row: partition and number there.
    @Benchmark
    public long stepToRow() {
        next = (next + 7919) % cycle.cycle().steps();
        return cycle.rows(next, (int) (next % cycle.rowsPerStep(next)), 1).ordinal(0);
    }

    /// A row to its step and its place in it.
    @Benchmark
    public Optional<CycleOrder.Place> rowToStep() {
        next = (next + 7919) % refs.count();
        int i = (int) next;
        return cycle.placeOf(new PoolKey(refs.bucket(), refs.source(i)), refs.partition(i), refs.ordinal(i));
    }

    public static void main(String[] arguments) throws RunnerException {
        new Runner(new OptionsBuilder()
                        .include(KernelBenchmark.class.getSimpleName())
                        .build())
                .run();
    }
}
