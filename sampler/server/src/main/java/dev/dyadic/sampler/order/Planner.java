package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.avro.Deck;
import dev.dyadic.proto.avro.Manifest;
import dev.dyadic.proto.avro.PoolCounts;
import dev.dyadic.proto.avro.PoolRange;
import dev.dyadic.proto.avro.Sha256;
import dev.dyadic.proto.avro.ShedRange;
import dev.dyadic.proto.avro.Shortfall;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// Proposes the next cycle of a run. Any replica may; the first valid manifest in the ledger wins.
public final class Planner {
    private Planner() {}

    /// Plans from one state of the order: nothing is folded into it meanwhile.
    ///
    /// @param ledgerEnd end of the ledger as it was folded, read before
    /// @param waitedMillis how long this run has been short of data
    /// @param planner name of the replica, for the record
    public static Plan plan(
            RunOrder order, Availability available, long ledgerEnd, long waitedMillis, long nowMillis, String planner) {
        synchronized (order) {
            if (order.isEnded()) {
                return new Plan.Complete();
            }
            // A record may have been folded into the order that the end of the ledger does not show yet.
            long basis = Math.max(ledgerEnd, order.lowestBasis());
            Optional<NavigableMap<Bucket, DeckSlice>> remainder = order.pendingRemainder();
            if (remainder.isPresent()) {
                Cycle last = order.lastCycle().orElseThrow();
                List<DeckSlice> rest = List.copyOf(remainder.get().values());
                return propose(order, basis, last.window(), last.admitted(), rest, nowMillis, planner);
            }
            return switch (order.run().spec().extent()) {
                case Extent.Bounded bounded -> planBounded(order, bounded, available, basis, nowMillis, planner);
                case Extent.Live live -> planLive(order, live, available, basis, waitedMillis, nowMillis, planner);
            };
        }
    }

    private static Plan planBounded(
            RunOrder order,
            Extent.Bounded bounded,
            Availability available,
            long basis,
            long nowMillis,
            String planner) {
        Run run = order.run();
        Window until = run.until().orElseThrow();
        int number = order.cycleCount();
        NavigableMap<PoolKey, Admitted> admitted;
        if (number == 0) {
            Optional<String> behind = behind(run, until, available);
            if (behind.isPresent()) {
                return new Plan.NotEnough(0, 1, behind.get());
            }
            admitted = count(order, until, available);
        } else {
            admitted = order.cycle(0).admitted();
        }
        List<DeckSlice> decks = BoundedDecks.of(order, bounded, order.passes().deal(number), admitted);
        return propose(order, basis, until, admitted, decks, nowMillis, planner);
    }

    private static Plan planLive(
            RunOrder order,
            Extent.Live live,
            Availability available,
            long basis,
            long waitedMillis,
            long nowMillis,
            String planner) {
        Run run = order.run();
        Window last = order.lastCycle().map(Cycle::window).orElse(run.from());
        Window window = Window.of(
                run.spec().buckets(),
                last.partitions(),
                (bucket, partition) -> Math.max(last.get(bucket, partition), available.endOffset(bucket, partition)));
        Optional<String> behind = behind(run, last, available);
        if (behind.isPresent()) {
            return new Plan.NotEnough(0, 1, behind.get());
        }
        // A replica whose own rows differ from what was planned must not plan on.
        order.lastCycle().ifPresent(cycle -> {
            for (Bucket bucket : run.spec().buckets()) {
                ManifestCheck.check(order, cycle, available, bucket);
            }
        });
        NavigableMap<PoolKey, Admitted> admitted = count(order, window, available);
        LiveDecks decks = new LiveDecks(order, admitted);
        long wanted = run.spec().stepsIn(live.cycleTokens());
        boolean hasWaited = waitedMillis >= live.maxWaitMillis();
        long needed = hasWaited ? run.spec().stepsIn(live.minCycleTokens()) : wanted;
        long there = hasWaited ? decks.stepsThere() : decks.stepsInProportion();
        if (there < needed) {
            return new Plan.NotEnough(there, needed, decks.describe(needed));
        }
        List<DeckSlice> dealt = decks.deal(order.cycleCount(), Math.min(there, wanted));
        return propose(
                order, basis, window, admitted, dealt, decks.shed(dealt), decks.shortfalls(dealt), nowMillis, planner);
    }

    private static Plan propose(
            RunOrder order,
            long basis,
            Window window,
            NavigableMap<PoolKey, Admitted> admitted,
            List<DeckSlice> decks,
            long nowMillis,
            String planner) {
        return propose(order, basis, window, admitted, decks, List.of(), List.of(), nowMillis, planner);
    }

    private static Plan propose(
            RunOrder order,
            long basis,
            Window window,
            NavigableMap<PoolKey, Admitted> admitted,
            List<DeckSlice> decks,
            List<ShedRange> shed,
            List<Shortfall> shortfalls,
            long nowMillis,
            String planner) {
        Run run = order.run();
        long number = order.cycleCount();
        List<PoolCounts> pools = new ArrayList<>();
        admitted.forEach((pool, counts) ->
                pools.add(new PoolCounts(pool.bucket().log2(), pool.source(), counts.rowList(), counts.digestList())));
        Manifest manifest = Manifest.newBuilder()
                .setRunId(run.id())
                .setCycle(number)
                .setFirstStep(order.horizon())
                .setSteps(decks.stream().mapToLong(DeckSlice::steps).sum())
                .setBasis(basis)
                .setPreviousOffset(order.lastRecordOffset())
                .setPreviousDigest(new Sha256(order.lastOwnCycle()
                        .map(Cycle::digest)
                        .orElse(run.digest())
                        .toArray()))
                .setScheduleDigest(Cycle.scheduleDigest(run, order.policy(), number, decks))
                .setWindow(window.toRecords())
                .setPools(pools)
                .setDecks(decks.stream().map(Planner::record).toList())
                .setPlannedMillis(nowMillis)
                .setPlanner(planner)
                .setShed(shed)
                .setRenormalized(shortfalls)
                .build();
        return new Plan.Proposed(manifest);
    }

    private static Deck record(DeckSlice deck) {
        List<PoolRange> ranges = deck.ranges().stream()
                .map(range -> new PoolRange(range.source(), range.from(), range.to()))
                .toList();
        return new Deck(deck.bucket().log2(), deck.key(), ranges, deck.firstStep(), deck.endStep());
    }

    /// Every pool of the run up to the end of the window: what the last manifest counts, and what came since.
    private static NavigableMap<PoolKey, Admitted> count(RunOrder order, Window window, Availability available) {
        Run run = order.run();
        Optional<Cycle> last = order.lastCycle();
        Window from = last.map(Cycle::window).orElse(run.from());
        requireRows(order, from, available);
        NavigableMap<PoolKey, Admitted> admitted =
                new TreeMap<>(last.map(Cycle::admitted).orElse(new TreeMap<>()));
        for (Bucket bucket : run.spec().buckets()) {
            for (String source : available.sources(bucket)) {
                PoolKey pool = new PoolKey(bucket, source);
                Admitted before = admitted.getOrDefault(pool, Admitted.none(window.partitions()));
                Admitted counts = before.plus(new Admitted.More() {
                    @Override
                    public long rows(int partition) {
                        return available.rows(
                                pool,
                                partition,
                                from.get(pool.bucket(), partition),
                                window.get(pool.bucket(), partition));
                    }

                    @Override
                    public long digest(int partition) {
                        return available.digest(
                                pool,
                                partition,
                                from.get(pool.bucket(), partition),
                                window.get(pool.bucket(), partition));
                    }
                });
                if (counts.total() > 0) {
                    admitted.put(pool, counts);
                }
            }
        }
        return admitted;
    }

    /// A replica that lacks rows of what it would count must not plan.
    private static void requireRows(RunOrder order, Window from, Availability available) {
        Run run = order.run();
        for (Bucket bucket : run.spec().buckets()) {
            for (int partition = 0; partition < from.partitions(); partition++) {
                long first = available.firstOffset(bucket, partition);
                if (first > from.get(bucket, partition)) {
                    throw new OrderContradictionException("run " + run.name()
                            + " cannot be planned here: it needs length "
                            + bucket.length() + " partition " + partition + " from offset "
                            + from.get(bucket, partition)
                            + " on, but what this replica has begins at offset " + first
                            + ": retention has taken the rest; another replica may have it");
                }
            }
        }
    }

    private static Optional<String> behind(Run run, Window target, Availability available) {
        for (Bucket bucket : run.spec().buckets()) {
            for (int partition = 0; partition < target.partitions(); partition++) {
                long end = available.endOffset(bucket, partition);
                if (end < target.get(bucket, partition)) {
                    return Optional.of("this replica has read length " + bucket.length() + " partition " + partition
                            + " up to offset " + end + " of " + target.get(bucket, partition));
                }
            }
        }
        return Optional.empty();
    }
}
