package dev.dyadic.sampler.watch;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Split;
import dev.dyadic.sampler.ledger.LedgerLog;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.LastCommit;
import dev.dyadic.sampler.order.PoolAccount;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.replicate.FreshnessMeter;
import dev.dyadic.sampler.replicate.Replicator;
import dev.dyadic.sampler.segments.SegmentStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a replica looks like from outside, in plain values: for the live page and for whoever reads it as JSON.
public final class SamplerView {
    private static final int MAX_RUNS = 32;
    private static final int MAX_POOLS = 256;

    private final CorpusSettings corpus;
    private final String replica;
    private final SegmentStore store;
    private final Replicator replicator;
    private final LedgerLog ledger;
    private final InputWatch input;
    private final RetentionWatch retention;
    private final Activity activity;
    private final InstantSource clock;

    public SamplerView(
            CorpusSettings corpus,
            String replica,
            SegmentStore store,
            Replicator replicator,
            LedgerLog ledger,
            InputWatch input,
            RetentionWatch retention,
            Activity activity,
            InstantSource clock) {
        this.corpus = corpus;
        this.replica = replica;
        this.store = store;
        this.replicator = replicator;
        this.ledger = ledger;
        this.input = input;
        this.retention = retention;
        this.activity = activity;
        this.clock = clock;
    }

    /// @param conserved whether admitted = dealt + pending + shed holds in every pool of every run that is shown
    /// @param runsLeftOut older runs that are not shown
    /// @param runsNotServed runs that a later release has written to, which this replica leaves alone
    public record Snapshot(
            String corpus,
            String tokenizer,
            String replica,
            long nowMillis,
            long lagRecords,
            Freshness freshness,
            long diskBytes,
            long diskLimitBytes,
            boolean conserved,
            List<Rows> rows,
            List<RunView> runs,
            int runsLeftOut,
            List<Client> clients,
            List<Note> stalls,
            int runsNotServed,
            List<Note> warnings) {}

    /// The time from publishing to readable, in milliseconds.
    public record Freshness(long rows, long p50Millis, long p99Millis, long maxMillis) {}

    /// Rows that this replica holds.
    public record Rows(int length, String split, long rows) {}

    /// @param totalSteps of a bounded run; -1: not known
    /// @param committedStep -1: none
    /// @param firstStep of `lengths`
    /// @param lengths of steps as they were dealt; -1: this replica did not serve it
    /// @param pools the largest, where there are many
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
            long committedStep,
            long tokensServed,
            long firstStep,
            List<Integer> lengths,
            List<Pool> pools,
            int poolsLeftOut,
            Map<Integer, List<Loss>> losses) {}

    /// Rows: admitted = dealt + pending + shed.
    public record Pool(int length, String source, long admitted, long dealt, long pending, long shed) {}

    /// A mean cross-entropy over a step's targets, in nats.
    public record Loss(long step, double loss) {}

    public record Client(String peer, String name, String run, long step, int firstRow, int endRow, long agoMillis) {}

    public record Note(String text, long sinceMillis) {}

    public Snapshot snapshot() {
        FreshnessMeter.Snapshot fresh = replicator.freshness();
        List<RunOrder> orders = new ArrayList<>(ledger.state().runs());
        orders.sort(
                Comparator.comparingLong((RunOrder order) -> order.run().id()).reversed());
        List<RunView> runs = orders.stream().limit(MAX_RUNS).map(this::view).toList();
        long now = clock.millis();
        return new Snapshot(
                corpus.corpus(),
                corpus.tokenizer().name(),
                replica,
                now,
                replicator.lagRecords(),
                new Freshness(fresh.rows(), fresh.p50Millis(), fresh.p99Millis(), fresh.maxMillis()),
                store.disk().usedBytes(),
                store.disk().limitBytes(),
                orders.stream()
                        .limit(MAX_RUNS)
                        .flatMap(order -> order.accounts().stream())
                        .allMatch(SamplerView::isConserved),
                rows(),
                runs,
                orders.size() - runs.size(),
                activity.clients().stream()
                        .map(client -> new Client(
                                client.peer(),
                                client.name(),
                                client.run(),
                                client.step(),
                                client.firstRow(),
                                client.endRow(),
                                now - client.atMillis()))
                        .toList(),
                notes(input.stalls(), now),
                (int) orders.stream()
                        .filter(order ->
                                ledger.state().obstacle(order.run().name()).isPresent())
                        .count(),
                notes(retention.warnings(), now));
    }

    static boolean isConserved(PoolAccount account) {
        return account.admitted() == account.dealt() + account.pending() + account.shed();
    }

    private RunView view(RunOrder order) {
        List<PoolAccount> accounts = order.accounts();
        List<Pool> pools = accounts.stream()
                .sorted(Comparator.comparingLong(PoolAccount::admitted).reversed())
                .limit(MAX_POOLS)
                .map(account -> new Pool(
                        account.pool().bucket().length(),
                        account.pool().source(),
                        account.admitted(),
                        account.dealt(),
                        account.pending(),
                        account.shed()))
                .sorted(Comparator.comparingInt(Pool::length).thenComparing(Pool::source))
                .toList();
        Activity.RunActivity lately = activity.of(order.run().name())
                .orElseGet(() -> new Activity.RunActivity(-1, 0, List.of(), 0, new TreeMap<>()));
        Map<Integer, List<Loss>> losses = new TreeMap<>();
        lately.losses()
                .forEach((length, values) -> losses.put(
                        length,
                        values.stream()
                                .map(loss -> new Loss(loss.step(), loss.loss()))
                                .toList()));
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
                order.committed().map(LastCommit::step).orElse(-1L),
                lately.tokens(),
                lately.firstStep(),
                lately.lengths(),
                pools,
                accounts.size() - pools.size(),
                losses);
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
