package dev.dyadic.sampler.watch;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.Version;
import dev.dyadic.sampler.gather.Batches;
import dev.dyadic.sampler.ledger.LedgerLog;
import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.DeckSlice;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.LastCommit;
import dev.dyadic.sampler.order.MixtureWeights;
import dev.dyadic.sampler.order.PoolAccount;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.replicate.FreshnessMeter;
import dev.dyadic.sampler.replicate.Replicator;
import dev.dyadic.sampler.segments.SegmentStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a replica looks like from outside, in plain values: for the live page and for whoever reads it as JSON.
public final class SamplerView {
    private static final int MAX_RUNS = 32;
    private static final int MAX_POOLS = 4096;
    /// Planned steps of a run whose lengths are shown, and how many of them come after the one that is trained.
    private static final int MAX_STEPS = 2048;

    private static final int STEPS_TO_COME = 256;
    /// Newest cycles of a run whose mixtures are shown.
    private static final int MAX_CYCLES = 64;

    private final CorpusSettings corpus;
    private final String replica;
    private final SegmentStore store;
    private final Replicator replicator;
    private final LedgerLog ledger;
    private final InputWatch input;
    private final RetentionWatch retention;
    private final Activity activity;
    private final Batches batches;
    private final Past past;
    private final InstantSource clock;
    private final long startedMillis;

    public SamplerView(
            CorpusSettings corpus,
            String replica,
            SegmentStore store,
            Replicator replicator,
            LedgerLog ledger,
            InputWatch input,
            RetentionWatch retention,
            Activity activity,
            Batches batches,
            Past past,
            InstantSource clock) {
        this.corpus = corpus;
        this.replica = replica;
        this.store = store;
        this.replicator = replicator;
        this.ledger = ledger;
        this.input = input;
        this.retention = retention;
        this.activity = activity;
        this.batches = batches;
        this.past = past;
        this.clock = clock;
        this.startedMillis = clock.millis();
    }

    /// @param conserved whether law 1 holds in every pool of every run that is shown, see [PoolAccount]
    /// @param runs the newest first: the one that is asked for, those that were fetched last, and others
    /// @param runsLeftOut others that are not shown
    /// @param ranks who fetched in the last ten minutes, of all runs
    /// @param runsNotServed runs that a later release has written to, which this replica leaves alone
    /// @param past the last two hours, a moment every ten seconds
    /// @param run what was asked for by name, if there is such a run
    public record Snapshot(
            String corpus,
            String tokenizer,
            String replica,
            String version,
            long nowMillis,
            long startedMillis,
            long lagRecords,
            Freshness freshness,
            long diskBytes,
            long diskLimitBytes,
            boolean conserved,
            List<Rows> rows,
            List<RunView> runs,
            int runsLeftOut,
            List<Activity.Rank> ranks,
            List<Note> stalls,
            int runsNotServed,
            List<Note> warnings,
            List<Past.Moment> past,
            @Nullable RunDetail run) {}

    /// The time from publishing to readable, in milliseconds.
    public record Freshness(long rows, long p50Millis, long p99Millis, long maxMillis) {}

    /// Rows that this replica holds.
    public record Rows(int length, String split, long rows) {}

    /// @param totalSteps of a bounded run; -1: not known
    /// @param servedStep the step that was served last; -1: none
    /// @param servedAgoMillis since then; -1: none
    /// @param committedStep -1: none
    public record RunView(
            String name,
            String kind,
            String curriculum,
            boolean closed,
            long tokensPerStep,
            int cycles,
            long stepsPlanned,
            long totalSteps,
            long servedStep,
            long servedAgoMillis,
            long committedStep,
            long tokensServed) {}

    /// What is shown of one run only.
    ///
    /// @param firstStep of `lengths`
    /// @param lengths of planned steps: some that were served, and some that come next
    /// @param pools the largest, where there are many
    /// @param losses that trainers told this replica, by length and step
    public record RunDetail(
            String name,
            long firstStep,
            List<Integer> lengths,
            Mixture mixture,
            List<Pool> pools,
            int poolsLeftOut,
            Map<Integer, List<Activity.Loss>> losses) {}

    /// What is asked for, and what the newest cycles deal.
    ///
    /// @param sources weights by source; none: in proportion to what is there
    /// @param otherSources weight of each other source
    /// @param lengths weights by length; none: in proportion to what is there
    public record Mixture(
            Map<String, Long> sources, long otherSources, Map<Integer, Long> lengths, List<Dealt> dealt) {}

    /// What a cycle deals.
    ///
    /// @param tokens by source; of a cycle that has a part of a deck, in proportion to the deck's rows
    public record Dealt(long cycle, long firstStep, long endStep, Map<String, Long> tokens) {}

    /// Rows: admitted = dealt + pending + shed.
    public record Pool(int length, String source, long admitted, long dealt, long pending, long shed) {}

    public record RunPools(String run, List<Pool> pools) {}

    public record Note(String text, long sinceMillis) {}

    public Snapshot snapshot() {
        return snapshot(Optional.empty());
    }

    /// @param detailed name of the run that is looked at closely
    public Snapshot snapshot(Optional<String> detailed) {
        FreshnessMeter.Snapshot fresh = replicator.freshness();
        List<RunOrder> orders = shownRuns(detailed);
        long now = clock.millis();
        return new Snapshot(
                corpus.corpus(),
                corpus.tokenizer().name(),
                replica,
                Version.TEXT,
                now,
                startedMillis,
                replicator.lagRecords(),
                new Freshness(fresh.rows(), fresh.p50Millis(), fresh.p99Millis(), fresh.maxMillis()),
                store.disk().usedBytes(),
                store.disk().limitBytes(),
                orders.stream().flatMap(order -> order.accounts().stream()).allMatch(PoolAccount::isConserved),
                rows(),
                orders.stream().map(order -> view(order, now)).toList(),
                ledger.state().runs().size() - orders.size(),
                activity.ranks(now),
                notes(input.stalls(), now),
                (int) ledger.state().runs().stream()
                        .filter(order ->
                                ledger.state().obstacle(order.run().name()).isPresent())
                        .count(),
                notes(retention.warnings(), now),
                past.moments(),
                orders.stream()
                        .filter(order -> detailed.equals(Optional.of(order.run().name())))
                        .findFirst()
                        .map(this::detail)
                        .orElse(null));
    }

    /// What this replica is like now, for [Past].
    public static Past.Moment moment(Replicator replicator, InstantSource clock) {
        FreshnessMeter.Snapshot fresh = replicator.freshness();
        return new Past.Moment(
                clock.millis(), replicator.lagRecords(), fresh.rows(), fresh.p50Millis(), fresh.p99Millis());
    }

    /// Of the runs that are shown.
    List<RunPools> pools() {
        return shownRuns(Optional.empty()).stream()
                .map(order -> new RunPools(order.run().name(), pools(order.accounts(), Integer.MAX_VALUE)))
                .toList();
    }

    /// The one that is asked for, those that were fetched last, and the newest; of these the newest first.
    private List<RunOrder> shownRuns(Optional<String> asked) {
        Map<String, Long> fetched = activity.fetchedRuns();
        Comparator<RunOrder> newest =
                Comparator.comparingLong((RunOrder order) -> order.run().id()).reversed();
        Comparator<RunOrder> latest = Comparator.comparingLong(
                order -> fetched.getOrDefault(order.run().name(), 0L));
        return ledger.state().runs().stream()
                .sorted(Comparator.comparingInt((RunOrder order) ->
                                asked.equals(Optional.of(order.run().name())) ? 0 : 1)
                        .thenComparing(latest.reversed())
                        .thenComparing(newest))
                .limit(MAX_RUNS)
                .sorted(newest)
                .toList();
    }

    private RunView view(RunOrder order, long now) {
        Activity.RunActivity lately = activity.of(order.run().name());
        return new RunView(
                order.run().name(),
                order.run().spec().extent() instanceof Extent.Live ? "live" : "bounded",
                order.policy().curriculum().name(),
                order.isClosed(),
                order.run().spec().tokensPerStep(),
                order.cycleCount(),
                order.horizon(),
                order.totalSteps().orElse(-1L),
                lately.lastStep(),
                Activity.ago(lately.servedMillis(), now),
                order.committed().map(LastCommit::step).orElse(-1L),
                lately.tokens());
    }

    private RunDetail detail(RunOrder order) {
        Activity.RunActivity lately = activity.of(order.run().name());
        long at = lately.lastStep() >= 0
                ? lately.lastStep()
                : order.committed().map(LastCommit::step).orElse(-1L);
        long end = Math.min(order.horizon(), at < 0 ? MAX_STEPS : at + 1 + STEPS_TO_COME);
        long first = Math.max(0, end - MAX_STEPS);
        List<Integer> lengths = new ArrayList<>();
        for (long step = first; step < end; step++) {
            lengths.add(batches.lengthOf(order, step));
        }
        List<PoolAccount> accounts = order.accounts();
        List<Pool> pools = pools(accounts, MAX_POOLS);
        return new RunDetail(
                order.run().name(),
                first,
                lengths,
                mixture(order, end),
                pools,
                accounts.size() - pools.size(),
                lately.losses());
    }

    /// @param end first step that is not looked at
    private static Mixture mixture(RunOrder order, long end) {
        MixtureWeights asked = order.policy().mixture();
        List<Dealt> dealt = new ArrayList<>();
        int last = end == 0
                ? -1
                : order.cycleOf(end - 1).map(cycle -> (int) cycle.number()).orElse(-1);
        for (int number = last; number >= 0 && dealt.size() < MAX_CYCLES; number--) {
            dealt.add(dealt(order.cycle(number)));
        }
        Map<Integer, Long> lengths = new TreeMap<>();
        Iterator<Long> weights = asked.buckets().iterator();
        for (Bucket bucket : order.run().spec().buckets()) {
            if (weights.hasNext()) {
                lengths.put(bucket.length(), weights.next());
            }
        }
        return new Mixture(asked.sources(), asked.otherSources(), lengths, dealt.reversed());
    }

    private static Dealt dealt(Cycle cycle) {
        Map<String, Long> tokens = new TreeMap<>();
        long tokensPerStep = cycle.run().spec().tokensPerStep();
        // A fork has a part of its parent's last cycle.
        long stepsOfDecks =
                cycle.decks().values().stream().mapToLong(DeckSlice::steps).sum();
        double part = (double) cycle.steps() / Math.max(1, stepsOfDecks);
        for (DeckSlice deck : cycle.decks().values()) {
            double share = part * deck.steps() * tokensPerStep / Math.max(1, deck.rows());
            deck.ranges().forEach(range -> tokens.merge(range.source(), Math.round(share * range.rows()), Long::sum));
        }
        return new Dealt(cycle.number(), cycle.firstStep(), cycle.endStep(), tokens);
    }

    private static List<Pool> pools(List<PoolAccount> accounts, int limit) {
        return accounts.stream()
                .sorted(Comparator.comparingLong(PoolAccount::admitted).reversed())
                .limit(limit)
                .map(account -> new Pool(
                        account.pool().bucket().length(),
                        account.pool().source(),
                        account.admitted(),
                        account.dealt(),
                        account.pending(),
                        account.shed()))
                .sorted(Comparator.comparingInt(Pool::length).thenComparing(Pool::source))
                .toList();
    }

    private List<Rows> rows() {
        List<Rows> rows = new ArrayList<>();
        for (Bucket bucket : store.buckets()) {
            for (Split split : Split.values()) {
                long count = 0;
                for (String source : store.sources(bucket, split)) {
                    count += store.rows(bucket, source, split);
                }
                rows.add(new Rows(bucket.length(), split.text(), count));
            }
        }
        return rows;
    }

    private static List<Note> notes(List<Notice> notices, long now) {
        return notices.stream()
                .map(notice -> new Note(notice.text(), notice.sinceMillis(now)))
                .toList();
    }
}
