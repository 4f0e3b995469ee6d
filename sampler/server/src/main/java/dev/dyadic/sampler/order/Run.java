package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.proto.Weighting;
import dev.dyadic.proto.avro.Parent;
import dev.dyadic.proto.avro.RunOpened;
import java.util.List;
import java.util.Optional;

/// A run as the ledger has it.
///
/// @param id offset of its record in the ledger
/// @param orderVersion which docs/order.md it follows
/// @param digest of its record
/// @param from first offsets that belong to it
/// @param until end offsets, for bounded runs
public record Run(
        long id,
        String name,
        int orderVersion,
        RecordDigest digest,
        RunSpec spec,
        Window from,
        Optional<Window> until,
        Optional<ForkPoint> parent) {
    /// The order that new runs follow.
    public static final int ORDER_VERSION = 2;
    /// The first version has no mixtures, amendments and forks; apart from that it is the same.
    private static final int FIRST_ORDER_VERSION = 1;

    private static final String BOUNDED = "bounded";
    private static final String LIVE = "live";

    /// Parts of keys, so that no two uses share one. See docs/order.md, "Keys".
    private static final long DECK_KEY = 1;

    private static final long SCHEDULE_KEY = 2;

    /// Whether this program can serve it.
    public boolean isKnown() {
        return orderVersion >= FIRST_ORDER_VERSION && orderVersion <= ORDER_VERSION;
    }

    /// Whether it can be amended: replicas that know only the first version would not see it.
    public boolean canBeAmended() {
        return orderVersion > FIRST_ORDER_VERSION;
    }

    /// @param number of the deck: the cycle for live runs, the pass for bounded ones
    long deckKey(long number, Bucket bucket) {
        return SplitMix64.key(spec.seed(), DECK_KEY, number, bucket.log2());
    }

    long scheduleKey(long cycle) {
        return SplitMix64.key(spec.seed(), SCHEDULE_KEY, cycle, 0);
    }

    static Run of(long offset, byte[] record, RunOpened opened, CorpusSettings corpus) {
        Buckets buckets = new Buckets(opened.getMinLog2(), opened.getMaxLog2());
        if (!corpus.buckets().contains(buckets)) {
            throw new InvalidException(
                    "lengths must be within the corpus's " + corpus.buckets() + ", but were " + buckets);
        }
        Extent extent = switch (opened.getExtent()) {
            case BOUNDED -> new Extent.Bounded(opened.getCycles(), opened.getPasses());
            case LIVE ->
                new Extent.Live(opened.getCycleTokens(), opened.getMinCycleTokens(), opened.getMaxWaitMillis());
            default -> throw new InvalidException("extent must be bounded or live, but was " + opened.getExtent());
        };
        RunSpec spec = new RunSpec(
                opened.getSeed(),
                opened.getTokensPerStep(),
                buckets,
                Curriculum.ofTexts(opened.getCurriculum(), opened.getOdds()),
                Weighting.of(opened.getWeighting()),
                MixtureWeights.of(opened.getMixture()),
                Split.of(opened.getSplit()),
                opened.getStart(),
                extent);
        int partitions = corpus.partitions();
        boolean bounded = extent instanceof Extent.Bounded;
        return new Run(
                offset,
                opened.getName(),
                opened.getOrderVersion(),
                RecordDigest.ofRecord(record),
                spec,
                Window.of(buckets, partitions, opened.getFrom()),
                bounded ? Optional.of(Window.of(buckets, partitions, opened.getUntil())) : Optional.empty(),
                Optional.ofNullable(opened.getParent())
                        .map(parent -> new ForkPoint(parent.getRunId(), parent.getStep(), parent.getSkip())));
    }

    /// The record that opens a run.
    public static RunOpened record(
            String name,
            RunSpec spec,
            Window from,
            Optional<Window> until,
            Optional<ForkPoint> parent,
            long openedMillis) {
        RunOpened.Builder builder = RunOpened.newBuilder()
                .setName(name)
                .setOrderVersion(ORDER_VERSION)
                .setSeed(spec.seed())
                .setTokensPerStep(spec.tokensPerStep())
                .setMinLog2(spec.buckets().minLog2())
                .setMaxLog2(spec.buckets().maxLog2())
                .setCurriculum(spec.curriculum().name())
                .setOdds(spec.curriculum().oddsTexts())
                .setWeighting(spec.weighting().text())
                .setSplit(spec.split().text())
                .setStart(spec.start())
                .setFrom(from.toRecords())
                .setUntil(until.map(Window::toRecords).orElse(List.of()))
                .setOpenedMillis(openedMillis)
                .setMixture(
                        spec.mixture().equals(MixtureWeights.NATURAL)
                                ? null
                                : spec.mixture().toRecord())
                .setParent(parent.map(fork -> new Parent(fork.runId(), fork.step(), fork.skip()))
                        .orElse(null));
        switch (spec.extent()) {
            case Extent.Bounded(int cycles, int passes) ->
                builder.setExtent(BOUNDED).setCycles(cycles).setPasses(passes);
            case Extent.Live(long cycleTokens, long minCycleTokens, long maxWaitMillis) ->
                builder.setExtent(LIVE)
                        .setCycleTokens(cycleTokens)
                        .setMinCycleTokens(minCycleTokens)
                        .setMaxWaitMillis(maxWaitMillis);
        }
        return builder.build();
    }
}
