package dev.dyadic.deploy.preview;

import dev.dyadic.deploy.stats.Averages;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Split;
import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.Policy;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.order.RunSpec;
import dev.dyadic.sampler.order.Schedule;
import dev.dyadic.sampler.simulate.CountedRun;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/// A bounded run over a table, planned by the planner itself, and what it would mean for training.
///
/// @param steps in all
/// @param bins the run in equal parts, in order
/// @param cycles steps of each length, by cycle
/// @param averages of the sequences that are dealt
/// @param attentionCost of attention, next to training on chunks of the longest length: both per token
public record Preview(
        BucketTable table,
        Buckets buckets,
        long tokensPerStep,
        long steps,
        List<Bin> bins,
        List<NavigableMap<Bucket, Long>> cycles,
        Averages averages,
        double attentionCost) {
    /// A part of the run.
    ///
    /// @param firstStep of it
    /// @param shares of its steps, by bucket
    /// @param contextLength average of its tokens
    public record Bin(long firstStep, NavigableMap<Bucket, Double> shares, double contextLength) {}

    public static Preview of(
            BucketTable table, Policy policy, long tokensPerStep, int cycles, long seed, int binCount) {
        Buckets buckets = table.buckets();
        RunOrder order = plan(table, policy, tokensPerStep, cycles, seed);
        long steps = order.horizon();
        if (steps == 0) {
            throw new InvalidException("the table has not a whole step of " + tokensPerStep
                    + " tokens of any length: use fewer tokens per step");
        }
        int parts = (int) Math.min(binCount, steps);
        long[][] counts = new long[parts][buckets.count()];
        List<NavigableMap<Bucket, Long>> perCycle = new ArrayList<>();
        NavigableMap<Bucket, Long> dealt = new TreeMap<>();
        for (int number = 0; number < order.cycleCount(); number++) {
            Cycle cycle = order.cycle(number);
            Schedule schedule = cycle.schedule();
            NavigableMap<Bucket, Long> ofCycle = new TreeMap<>();
            for (int i = 0; i < schedule.steps(); i++) {
                Bucket bucket = schedule.bucketAt(i);
                long step = cycle.firstStep() + i;
                counts[(int) (step * parts / steps)][buckets.indexOf(bucket)]++;
                ofCycle.merge(bucket, 1L, Long::sum);
            }
            perCycle.add(ofCycle);
            ofCycle.forEach((bucket, count) -> dealt.merge(bucket, count * bucket.rows(tokensPerStep), Long::sum));
        }
        List<Bin> bins = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            bins.add(bin(part, parts, steps, counts[part], buckets));
        }
        Averages averages = Averages.of(dealt);
        double baseline = (buckets.maxLength() - 1) / 2.0;
        return new Preview(
                table,
                buckets,
                tokensPerStep,
                steps,
                List.copyOf(bins),
                List.copyOf(perCycle),
                averages,
                averages.contextLength() / baseline);
    }

    /// Averages of the whole table: those of table 1 of the paper.
    public Averages tableAverages() {
        return Averages.of(table.sequences());
    }

    private static Bin bin(int part, int parts, long steps, long[] counts, Buckets buckets) {
        NavigableMap<Bucket, Double> shares = new TreeMap<>();
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        double context = 0;
        for (int i = 0; i < counts.length; i++) {
            Bucket bucket = buckets.get(i);
            double share = total == 0 ? 0 : (double) counts[i] / total;
            shares.put(bucket, share);
            context += share * (bucket.length() - 1) / 2.0;
        }
        return new Bin(Math.ceilDiv(part * steps, (long) parts), shares, context);
    }

    private static RunOrder plan(BucketTable table, Policy policy, long tokensPerStep, int cycles, long seed) {
        RunSpec spec = new RunSpec(
                seed,
                tokensPerStep,
                table.buckets(),
                policy.curriculum(),
                policy.weighting(),
                policy.mixture(),
                Split.TRAIN,
                RunSpec.EARLIEST,
                new Extent.Bounded(cycles, 1));
        return new CountedRun(spec, 1, bucket -> table.sequences().getOrDefault(bucket, 0L)).planAll();
    }
}
