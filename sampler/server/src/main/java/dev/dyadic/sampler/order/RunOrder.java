package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// A run and its cycles: everything that fixes its order. Grows at the end only; one thread adds, any thread reads.
public final class RunOrder {
    private final Run run;
    private final PlantedBug bug;
    private final Optional<Inheritance> inherited;
    private final List<Cycle> cycles = new ArrayList<>();
    private final Map<PoolKey, Long> heads = new TreeMap<>();
    private final Map<PoolKey, Long> shed = new TreeMap<>();
    private Policy policy;
    private Optional<Long> amendedAt = Optional.empty();
    private Optional<Long> closedAt = Optional.empty();
    private Optional<Committed> committed = Optional.empty();

    /// @param step after which a trainer has a checkpoint
    public record Committed(long step, RecordDigest manifestDigest) {}

    RunOrder(Run run, PlantedBug bug) {
        this(run, Optional.empty(), bug);
    }

    /// A fork, with what it has of its parent.
    RunOrder(Run run, Inheritance inheritance, PlantedBug bug) {
        this(run, Optional.of(inheritance), bug);
        inheritance.cycles().forEach(this::follow);
    }

    private RunOrder(Run run, Optional<Inheritance> inherited, PlantedBug bug) {
        this.run = run;
        this.bug = bug;
        this.inherited = inherited;
        this.policy = run.spec().policy();
    }

    public Run run() {
        return run;
    }

    /// What a fork has of its parent.
    Optional<Inheritance> inherited() {
        return inherited;
    }

    /// In force for cycles that are planned from now on.
    public synchronized Policy policy() {
        return policy;
    }

    public synchronized boolean isClosed() {
        return closedAt.isPresent();
    }

    /// Cycles, inherited ones included.
    public synchronized int cycleCount() {
        return cycles.size();
    }

    public synchronized Cycle cycle(int number) {
        return cycles.get(number);
    }

    public synchronized Optional<Cycle> lastCycle() {
        return cycles.isEmpty() ? Optional.empty() : Optional.of(cycles.getLast());
    }

    /// The last manifest of this run itself.
    synchronized Optional<Cycle> lastOwnCycle() {
        return cycles.size() == inheritedCount() ? Optional.empty() : Optional.of(cycles.getLast());
    }

    /// Ledger offset of the record that the next manifest follows: the last manifest, or the run's own record.
    long lastRecordOffset() {
        return lastOwnCycle().map(Cycle::ledgerOffset).orElse(run.id());
    }

    /// Ledger offset of the last amendment, which the basis of a manifest has to be above.
    synchronized Optional<Long> amendedAt() {
        return bug == PlantedBug.SKIP_BASIS_CHECK ? Optional.empty() : amendedAt;
    }

    /// A plan that was made from the ledger up to here, or further, knows all that can change it.
    synchronized long lowestBasis() {
        return Math.max(lastRecordOffset(), amendedAt.orElse(-1L)) + 1;
    }

    public synchronized Optional<Committed> committed() {
        return committed;
    }

    /// Steps `[0, horizon)` are fixed.
    public synchronized long horizon() {
        return lastCycle()
                .map(Cycle::endStep)
                .orElse(run.parent().map(Run.Parent::step).orElse(0L));
    }

    /// Whether all cycles of a bounded run are planned.
    public synchronized boolean isComplete() {
        return run.spec().extent() instanceof Extent.Bounded(int cyclesPerPass, int passes)
                && pendingRemainder().isEmpty()
                && deal(cycles.size()) >= (long) cyclesPerPass * passes;
    }

    /// Steps of a bounded run, known once its first cycle is planned.
    public synchronized Optional<Long> totalSteps() {
        if (!(run.spec().extent() instanceof Extent.Bounded bounded) || cycles.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                BoundedDecks.stepsPerPass(run.spec(), cycles.getFirst().admitted()) * bounded.passes()
                        - skippedSteps());
    }

    /// Steps that this fork, and those it comes from, left out of their parents' order.
    public long skippedSteps() {
        return skippedBefore(Long.MAX_VALUE);
    }

    /// Those that count for who forks from this run there.
    ///
    /// @param step of this run
    private long skippedBefore(long step) {
        if (inherited.isEmpty()) {
            return 0;
        }
        Run.Parent fork = run.parent().orElseThrow();
        RunOrder parent = inherited.get().parent();
        return step < fork.step()
                ? parent.skippedBefore(step)
                : fork.skip() + parent.skippedBefore(fork.step() + fork.skip());
    }

    /// Whether no more cycles will come.
    public synchronized boolean isEnded() {
        return isClosed() || isComplete();
    }

    /// The cycle that has this step.
    public synchronized Optional<Cycle> cycleOf(long step) {
        int low = 0;
        int high = cycles.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Cycle cycle = cycles.get(middle);
            if (step < cycle.firstStep()) {
                high = middle - 1;
            } else if (step >= cycle.endStep()) {
                low = middle + 1;
            } else {
                return Optional.of(cycle);
            }
        }
        return Optional.empty();
    }

    /// Rows of a live run's pool that were dealt, skipped or shed: always a head of the pool.
    public synchronized long head(PoolKey pool) {
        return heads.getOrDefault(pool, 0L);
    }

    /// Rows of a live run's pool that were shed.
    public synchronized long shed(PoolKey pool) {
        return shed.getOrDefault(pool, 0L);
    }

    /// The pass of a bounded run that a cycle belongs to, from 0; always 0 for live runs. Rows are dealt once in a
    /// pass.
    public long passOf(int number) {
        if (!(run.spec().extent() instanceof Extent.Bounded bounded)) {
            return 0;
        }
        return (dealAfter(number) - 1) / bounded.cycles();
    }

    /// Rows that a pass of a bounded run takes of each bucket.
    public Map<Bucket, Long> takenByPass(Cycle cycle) {
        Map<Bucket, Long> taken = new TreeMap<>();
        BoundedDecks.ranges(run.spec(), cycle.admitted())
                .forEach((bucket, ranges) -> taken.put(
                        bucket, ranges.stream().mapToLong(PoolRange::rows).sum()));
        return taken;
    }

    /// Every pool that has rows of the run.
    public synchronized List<PoolKey> pools() {
        return cycles.isEmpty()
                ? List.of()
                : List.copyOf(cycles.getLast().admitted().keySet());
    }

    /// Whether some step after the last commit may still be asked for.
    public synchronized boolean needsRows() {
        long committedStep = committed.map(Committed::step).orElse(-1L);
        return !isEnded() || committedStep + 1 < horizon();
    }

    /// The run's floor: rows of a pool before this one are dealt by cycles that lie before the last commit.
    ///
    /// @return an ordinal on the partition
    public synchronized long neededFrom(PoolKey pool, int partition) {
        if (!(run.spec().extent() instanceof Extent.Live) || committed.isEmpty()) {
            return 0;
        }
        long head = 0;
        for (Cycle cycle : cycles) {
            if (cycle.endStep() > committed.get().step() + 1) {
                break;
            }
            DeckSlice deck = cycle.decks().get(pool.bucket());
            if (deck != null) {
                for (PoolRange range : deck.ranges()) {
                    head = range.source().equals(pool.source()) ? Math.max(head, range.to()) : head;
                }
            }
            PoolRange gone = cycle.shed().get(pool);
            head = gone == null ? head : Math.max(head, gone.to());
        }
        head = Math.min(
                head, firstOf(pendingRemainder().map(NavigableMap::values).orElse(List.of()), pool));
        for (Cycle cycle : cycles) {
            if (cycle.endStep() > committed.get().step() + 1) {
                head = Math.min(head, firstOf(cycle.decks().values(), pool));
            }
        }
        Cycle admitting = admitting(pool, head);
        return admittedBefore(admitting, pool).rows(partition);
    }

    private static long firstOf(Collection<DeckSlice> decks, PoolKey pool) {
        long first = Long.MAX_VALUE;
        for (DeckSlice deck : decks) {
            for (PoolRange range : deck.ranges()) {
                boolean same = deck.bucket() == pool.bucket() && range.source().equals(pool.source());
                first = same ? Math.min(first, range.from()) : first;
            }
        }
        return first;
    }

    /// What became of the rows of every pool.
    public synchronized List<PoolAccount> accounts() {
        List<PoolAccount> accounts = new ArrayList<>();
        if (cycles.isEmpty()) {
            return accounts;
        }
        NavigableMap<PoolKey, Admitted> admitted = cycles.getLast().admitted();
        Map<PoolKey, Long> given = given(admitted);
        admitted.forEach((pool, counts) -> {
            long head = given.getOrDefault(pool, 0L);
            boolean live = run.spec().extent() instanceof Extent.Live;
            long gone = live ? shed(pool) : counts.total() - head;
            long dealt = live ? head - gone : head;
            accounts.add(new PoolAccount(pool, counts.total(), dealt, counts.total() - dealt - gone, gone));
        });
        return accounts;
    }

    /// Rows of each pool that decks take, or, in live runs, that were shed.
    private Map<PoolKey, Long> given(NavigableMap<PoolKey, Admitted> admitted) {
        if (run.spec().extent() instanceof Extent.Live) {
            return heads;
        }
        Map<PoolKey, Long> given = new TreeMap<>();
        BoundedDecks.ranges(run.spec(), admitted)
                .forEach((bucket, ranges) ->
                        ranges.forEach(range -> given.put(new PoolKey(bucket, range.source()), range.to())));
        return given;
    }

    /// Steps of the parent's decks that the next cycle has to deal, before anything else.
    public synchronized long pendingRemainderSteps() {
        return pendingRemainder()
                .map(decks -> decks.values().stream().mapToLong(DeckSlice::steps).sum())
                .orElse(0L);
    }

    /// What of the parent's decks the next cycle has to deal, before anything else.
    synchronized Optional<NavigableMap<Bucket, DeckSlice>> pendingRemainder() {
        return inherited
                .map(Inheritance::remainder)
                .filter(decks -> !decks.isEmpty() && cycles.size() == inheritedCount());
    }

    /// Number of a bounded run's cycle among those that deal passes: all but remainders.
    ///
    /// @param number of the cycle in the run
    synchronized long deal(int number) {
        if (inherited.isEmpty()) {
            return number;
        }
        Inheritance inheritance = inherited.get();
        int firstOwnDeal = inheritedCount() + (inheritance.remainder().isEmpty() ? 0 : 1);
        return inheritance.nextDeal() + Math.max(0, number - firstOwnDeal);
    }

    /// The number of the deal that follows the cycle.
    long dealAfter(int number) {
        return number < inheritedCount() ? inherited.orElseThrow().parent().dealAfter(number) : deal(number + 1);
    }

    /// The run whose seed shuffles this pass: the one that began it.
    Run ownerOfPass(long pass) {
        if (inherited.isEmpty() || !(run.spec().extent() instanceof Extent.Bounded bounded)) {
            return run;
        }
        boolean begunByParent = pass * bounded.cycles() < inherited.get().nextDeal();
        return begunByParent ? inherited.get().parent().ownerOfPass(pass) : run;
    }

    /// The first cycle whose window holds this row of the pool.
    synchronized Cycle admitting(PoolKey pool, long row) {
        int low = 0;
        int high = cycles.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            long total = cycles.get(middle).admitted(pool).map(Admitted::total).orElse(0L);
            if (total > row) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return cycles.get(low);
    }

    /// What a pool has before this cycle, by the cycle that comes before it in this run.
    synchronized Admitted admittedBefore(Cycle cycle, PoolKey pool) {
        int index = Collections.binarySearch(cycles, cycle, (a, b) -> Long.compare(a.ledgerOffset(), b.ledgerOffset()));
        Admitted none = Admitted.none(run.from().partitions());
        return index == 0 ? none : cycles.get(index - 1).admitted(pool).orElse(none);
    }

    /// Where a replica begins to number rows that has those from an offset on.
    ///
    /// @throws OrderContradictionException if no manifest counts up to there
    public synchronized CountedOffset anchor(Bucket bucket, int partition, long firstOffset) {
        long from = run.from().get(bucket, partition);
        if (firstOffset <= from) {
            return new CountedOffset(from, partition, Optional.empty());
        }
        for (Cycle cycle : cycles) {
            long end = cycle.window().get(bucket, partition);
            if (end >= firstOffset) {
                return new CountedOffset(end, partition, Optional.of(cycle));
            }
        }
        throw new OrderContradictionException("rows of run " + run.name() + " are gone: it needs length "
                + bucket.length() + " partition " + partition + " from offset " + from
                + " on, but Kafka has only what begins at offset " + firstOffset
                + ", and no cycle of the run counts up to there");
    }

    /// Cycles that may deal this row, in their order: those whose decks hold it.
    ///
    /// @param ordinal of the row on its partition
    public synchronized List<Cycle> cyclesWith(PoolKey pool, int partition, long ordinal) {
        int low = 0;
        int high = cycles.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            long rows = cycles.get(middle)
                    .admitted(pool)
                    .map(admitted -> admitted.rows(partition))
                    .orElse(0L);
            if (rows > ordinal) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        if (low == cycles.size()) {
            return List.of();
        }
        Cycle admitting = cycles.get(low);
        Admitted before = admittedBefore(admitting, pool);
        Admitted after = admitting.admitted(pool).orElseThrow();
        long index = before.total() + ordinal - before.rows(partition);
        for (int other = 0; other < partition; other++) {
            index += after.rows(other) - before.rows(other);
        }
        List<Cycle> found = new ArrayList<>();
        for (Cycle cycle : cycles.subList(low, cycles.size())) {
            DeckSlice deck = cycle.decks().get(pool.bucket());
            if (deck != null && deck.has(pool.source(), index)) {
                found.add(cycle);
            }
        }
        return found;
    }

    synchronized void add(Cycle cycle) {
        if (cycle.number() != cycles.size()) {
            throw new IllegalStateException("expected cycle " + cycles.size() + ", but got " + cycle.number());
        }
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
            committed = Optional.of(new Committed(step, manifestDigest));
        }
    }

    private int inheritedCount() {
        return inherited.map(inheritance -> inheritance.cycles().size()).orElse(0);
    }

    private void follow(Cycle cycle) {
        cycles.add(cycle);
        if (run.spec().extent() instanceof Extent.Live) {
            // A remainder deals ranges again of which the parent's cycle has moved the head already.
            cycle.decks()
                    .values()
                    .forEach(deck -> deck.ranges()
                            .forEach(range ->
                                    heads.merge(new PoolKey(deck.bucket(), range.source()), range.to(), Math::max)));
            if (bug == PlantedBug.LOSE_CARRY_OVER) {
                cycle.admitted().forEach((pool, admitted) -> heads.put(pool, admitted.total()));
            }
            cycle.shed().forEach((pool, range) -> {
                heads.merge(pool, range.to(), Math::max);
                shed.merge(pool, range.rows(), Long::sum);
            });
        }
    }
}
