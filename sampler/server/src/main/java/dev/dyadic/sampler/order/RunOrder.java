package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// A run, as the ledger up to some record fixes it: its cycles, and what else its next manifest depends on. It grows at
/// the end only, by the records that [LedgerState] applies to it. One thread applies; any thread reads. Whoever needs
/// several answers of one moment, as the planner does, holds this object's lock meanwhile: nothing is applied then.
///
/// [Cycles] knows where steps and rows lie, [Passes] how the cycles of bounded runs make passes, [LivePools] how far
/// the pools of live runs were given away.
///
/// A fork has its parent's cycles up to its first own step, the last one cut there. What the parent had planned beyond
/// that step in the cut cycle, less what the fork skips, is the *remainder*: the fork's first own cycle deals it,
/// before anything else.
public final class RunOrder {
    private final Run run;
    private final OrderParts parts;
    private final Optional<Inheritance> inherited;
    private final Cycles cycles;
    private final Passes passes;
    private final LivePools livePools;
    private Policy policy;
    private Optional<Long> amendedAt = Optional.empty();
    private Optional<Long> closedAt = Optional.empty();
    private Optional<LastCommit> committed = Optional.empty();

    /// @param inherited what a fork has of its parent
    RunOrder(Run run, Optional<Inheritance> inherited, OrderParts parts) {
        this.run = run;
        this.parts = parts;
        this.inherited = inherited;
        this.cycles = new Cycles(run, inherited.map(Inheritance::cycles).orElse(List.of()));
        this.passes = new Passes(run, inherited);
        this.livePools = parts.livePools().get();
        this.policy = run.spec().policy();
        cycles.all().forEach(this::follow);
    }

    public Run run() {
        return run;
    }

    public Cycles cycles() {
        return cycles;
    }

    public Passes passes() {
        return passes;
    }

    BasisRule basisRule() {
        return parts.basisRule();
    }

    /// How cycles are planned from now on.
    public synchronized Policy policy() {
        return policy;
    }

    public synchronized boolean isClosed() {
        return closedAt.isPresent();
    }

    /// Number of cycles, those of the parent included.
    public int cycleCount() {
        return cycles.count();
    }

    public Cycle cycle(int number) {
        return cycles.get(number);
    }

    public Optional<Cycle> lastCycle() {
        return cycles.last();
    }

    /// The cycle that has this step.
    public Optional<Cycle> cycleOf(long step) {
        return cycles.ofStep(step);
    }

    /// Steps `[0, horizon)` are fixed.
    public long horizon() {
        return lastCycle()
                .map(Cycle::endStep)
                .orElse(run.parent().map(ForkPoint::step).orElse(0L));
    }

    /// Whether all cycles of a bounded run are planned.
    public synchronized boolean isComplete() {
        return pendingRemainder().isEmpty() && passes.areDealt(cycles.count());
    }

    /// Whether no more cycles will come.
    public synchronized boolean isEnded() {
        return isClosed() || isComplete();
    }

    /// Steps of a bounded run, known once its first cycle is planned. A closed one has those that were planned.
    public synchronized Optional<Long> totalSteps() {
        if (isClosed() && run.spec().extent() instanceof Extent.Bounded) {
            return Optional.of(horizon());
        }
        return cycles.count() == 0
                ? Optional.empty()
                : passes.totalSteps(cycles.get(0).admitted());
    }

    public synchronized Optional<LastCommit> committed() {
        return committed;
    }

    /// The last manifest of this run itself.
    synchronized Optional<Cycle> lastOwnCycle() {
        return cycles.count() == inheritedCount() ? Optional.empty() : cycles.last();
    }

    /// Ledger offset of the record that the next manifest follows: the last manifest, or the run's own record.
    long lastRecordOffset() {
        return lastOwnCycle().map(Cycle::ledgerOffset).orElse(run.id());
    }

    /// Ledger offset of the last amendment.
    synchronized Optional<Long> amendedAt() {
        return amendedAt;
    }

    /// A plan that was made from the ledger up to here, or further, knows all that can change it.
    synchronized long lowestBasis() {
        return Math.max(lastRecordOffset(), amendedAt.orElse(-1L)) + 1;
    }

    /// Rows of a live run's pool that were dealt, skipped or shed: always the lowest numbers of the pool.
    public synchronized long head(PoolKey pool) {
        return livePools.head(pool);
    }

    /// Every pool that has rows of the run.
    public List<PoolKey> pools() {
        return lastCycle().map(cycle -> List.copyOf(cycle.admitted().keySet())).orElse(List.of());
    }

    /// What became of the rows of every pool.
    public synchronized List<PoolAccount> accounts() {
        List<PoolAccount> accounts = new ArrayList<>();
        lastCycle().map(Cycle::admitted).ifPresent(admitted -> {
            Map<PoolKey, Long> taken = takenByPass(admitted);
            boolean live = run.spec().extent() instanceof Extent.Live;
            admitted.forEach((pool, counts) -> {
                long total = counts.total();
                accounts.add(
                        live
                                ? PoolAccount.ofLive(pool, total, livePools.head(pool), livePools.shed(pool))
                                : PoolAccount.ofBounded(pool, total, taken.getOrDefault(pool, 0L)));
            });
        });
        return accounts;
    }

    /// Whether some step after the last commit may still be asked for.
    public synchronized boolean needsRows() {
        long committedStep = committed.map(LastCommit::step).orElse(-1L);
        return !isEnded() || committedStep + 1 < horizon();
    }

    /// The first row of a pool on a partition that may still be asked for. See [Floor].
    ///
    /// @return number among the pool's rows of the run on the partition
    public synchronized long neededFrom(PoolKey pool, int partition) {
        if (!(run.spec().extent() instanceof Extent.Live) || committed.isEmpty()) {
            return 0;
        }
        Collection<DeckSlice> remainder =
                pendingRemainder().map(NavigableMap::values).orElse(List.of());
        long floor = new Floor(cycles.all(), remainder, committed.get().step()).of(pool);
        return cycles.admittedBefore(cycles.admitting(pool, floor), pool).rows(partition);
    }

    /// Steps of the remainder that the next cycle has to deal, before anything else.
    public long pendingRemainderSteps() {
        return pendingRemainder()
                .map(decks ->
                        decks.values().stream().mapToLong(DeckSlice::steps).sum())
                .orElse(0L);
    }

    /// The remainder, while the next cycle has to deal it.
    synchronized Optional<NavigableMap<Bucket, DeckSlice>> pendingRemainder() {
        return inherited
                .map(Inheritance::remainder)
                .filter(decks -> !decks.isEmpty() && cycles.count() == inheritedCount());
    }

    synchronized void add(Cycle cycle) {
        cycles.add(cycle);
        follow(cycle);
    }

    synchronized void amend(long offset, Policy amended) {
        amendedAt = Optional.of(offset);
        policy = amended;
    }

    synchronized void close(long offset) {
        closedAt = Optional.of(offset);
    }

    synchronized void commit(long step, RecordDigest manifestDigest) {
        if (committed.isEmpty() || committed.get().step() < step) {
            committed = Optional.of(new LastCommit(step, manifestDigest));
        }
    }

    private int inheritedCount() {
        return inherited.map(inheritance -> inheritance.cycles().size()).orElse(0);
    }

    private void follow(Cycle cycle) {
        if (run.spec().extent() instanceof Extent.Live) {
            livePools.follow(cycle);
        }
    }

    /// Rows of each pool that a pass of a bounded run takes.
    private Map<PoolKey, Long> takenByPass(NavigableMap<PoolKey, Admitted> admitted) {
        Map<PoolKey, Long> taken = new TreeMap<>();
        if (run.spec().extent() instanceof Extent.Bounded) {
            BoundedDecks.ranges(run.spec(), admitted)
                    .forEach((bucket, ranges) ->
                            ranges.forEach(range -> taken.put(new PoolKey(bucket, range.source()), range.to())));
        }
        return taken;
    }
}
