package dev.dyadic.deploy.preview;

import dev.dyadic.deploy.stats.Averages;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.TokenizerIdentity;
import dev.dyadic.sampler.order.Availability;
import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.LedgerState;
import dev.dyadic.sampler.order.Offsets;
import dev.dyadic.sampler.order.Plan;
import dev.dyadic.sampler.order.Planner;
import dev.dyadic.sampler.order.Policy;
import dev.dyadic.sampler.order.PoolKey;
import dev.dyadic.sampler.order.Run;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.order.RunSpec;
import dev.dyadic.sampler.order.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
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
        List<NavigableMap<Integer, Long>> cycles,
        Averages averages,
        double attentionCost) {
    /// A part of the run.
    ///
    /// @param firstStep of it
    /// @param shares of its steps, by log2
    /// @param contextLength average of its tokens
    public record Bin(long firstStep, NavigableMap<Integer, Double> shares, double contextLength) {}

    public static Preview of(
            BucketTable table, Policy policy, long tokensPerStep, int cycles, long seed, int binCount) {
        Buckets buckets = table.buckets();
        RunOrder order = plan(table, policy, tokensPerStep, cycles, seed);
        long steps = order.horizon();
        if (steps == 0) {
            throw new IllegalArgumentException("the table has not a whole step of " + tokensPerStep
                    + " tokens of any length: use fewer tokens per step");
        }
        int parts = (int) Math.min(binCount, steps);
        long[][] counts = new long[parts][buckets.count()];
        List<NavigableMap<Integer, Long>> perCycle = new ArrayList<>();
        NavigableMap<Integer, Long> dealt = new TreeMap<>();
        for (int number = 0; number < order.cycleCount(); number++) {
            Cycle cycle = order.cycle(number);
            Schedule schedule = cycle.schedule();
            NavigableMap<Integer, Long> ofCycle = new TreeMap<>();
            for (int i = 0; i < schedule.steps(); i++) {
                int log2 = schedule.log2At(i);
                long step = cycle.firstStep() + i;
                counts[(int) (step * parts / steps)][log2 - buckets.minLog2()]++;
                ofCycle.merge(log2, 1L, Long::sum);
            }
            perCycle.add(ofCycle);
            ofCycle.forEach((log2, count) -> dealt.merge(log2, count * (tokensPerStep >> log2), Long::sum));
        }
        List<Bin> bins = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            bins.add(bin(part, parts, steps, counts[part], buckets));
        }
        Averages averages = Averages.of(dealt);
        double baseline = ((1L << buckets.maxLog2()) - 1) / 2.0;
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
        NavigableMap<Integer, Double> shares = new TreeMap<>();
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        double context = 0;
        for (int i = 0; i < counts.length; i++) {
            int log2 = buckets.minLog2() + i;
            double share = total == 0 ? 0 : (double) counts[i] / total;
            shares.put(log2, share);
            context += share * ((1L << log2) - 1) / 2.0;
        }
        return new Bin(Math.ceilDiv(part * steps, (long) parts), shares, context);
    }

    private static RunOrder plan(BucketTable table, Policy policy, long tokensPerStep, int cycles, long seed) {
        Buckets buckets = table.buckets();
        CorpusSettings corpus = new CorpusSettings(
                "preview",
                new TokenizerIdentity("bytes", 257, 256, 0),
                Layout.NEXT_TOKEN,
                buckets,
                LongDocuments.LONGEST_FIRST,
                0,
                0,
                1);
        RunSpec spec = new RunSpec(
                seed,
                tokensPerStep,
                buckets,
                policy.curriculum(),
                policy.weighting(),
                policy.mixture(),
                Split.TRAIN,
                RunSpec.EARLIEST,
                new Extent.Bounded(cycles, 1));
        Offsets from = Offsets.of(buckets, 1, (_, _) -> 0);
        Offsets until = Offsets.of(buckets, 1, (log2, _) -> table.sequences().getOrDefault(log2, 0L));
        LedgerState state = new LedgerState(corpus);
        state.apply(0, LedgerCodec.encode(Run.record("preview", spec, from, Optional.of(until), Optional.empty(), 0)));
        RunOrder order = state.run("preview").orElseThrow();
        Availability counts = new Counts(table.sequences());
        while (Planner.plan(order, counts, state.endOffset(), 0, 0, "preview") instanceof Plan.Proposed(var manifest)) {
            state.apply(state.endOffset(), LedgerCodec.encode(manifest));
        }
        return order;
    }

    /// One partition, one source, offsets without gaps.
    private record Counts(Map<Integer, Long> sequences) implements Availability {
        @Override
        public long endOffset(int log2, int partition) {
            return sequences.getOrDefault(log2, 0L);
        }

        @Override
        public Set<String> sources(int log2) {
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
