package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.avro.Manifest;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// Whether a manifest is valid: a pure function of the ledger before it. Every replica decides the same.
final class ManifestRules {
    private final RunOrder order;
    private final Run run;
    private final Manifest manifest;
    private final Cycle cycle;

    private ManifestRules(RunOrder order, Manifest manifest, Cycle cycle) {
        this.order = order;
        this.run = order.run();
        this.manifest = manifest;
        this.cycle = cycle;
    }

    /// @param offset of the manifest in the ledger
    /// @return why it is not valid, or empty
    static Optional<String> problem(RunOrder order, long offset, Manifest manifest, Cycle cycle) {
        ManifestRules rules = new ManifestRules(order, manifest, cycle);
        return rules.chain(offset)
                .or(rules::window)
                .or(rules::counts)
                .or(rules::decks)
                .or(() -> {
                    Optional<NavigableMap<Bucket, DeckSlice>> remainder = order.pendingRemainder();
                    if (remainder.isPresent()) {
                        return rules.remainder(remainder.get());
                    }
                    return switch (order.run().spec().extent()) {
                        case Extent.Bounded bounded -> rules.bounded(bounded);
                        case Extent.Live _ -> rules.live();
                    };
                });
    }

    /// What another record can have changed meanwhile: a manifest that breaks one of these lost a race.
    static Optional<String> stale(RunOrder order, Manifest manifest, Cycle cycle) {
        if (order.isClosed()) {
            return Optional.of("the run is closed");
        }
        if (order.isComplete()) {
            return Optional.of("the run has all its cycles");
        }
        if (cycle.number() < order.cycleCount()) {
            return Optional.of("expected cycle " + order.cycleCount() + ", but it is " + cycle.number());
        }
        return order.basisRule().stale(manifest.getBasis(), order.amendedAt());
    }

    private Optional<String> chain(long offset) {
        long previousOffset = order.lastRecordOffset();
        RecordDigest previous = order.lastOwnCycle().map(Cycle::digest).orElse(run.digest());
        if (cycle.number() != order.cycleCount()) {
            return Optional.of("expected cycle " + order.cycleCount() + ", but it is " + cycle.number());
        }
        if (manifest.getPreviousOffset() != previousOffset
                || !RecordDigest.of(manifest.getPreviousDigest().bytes()).equals(previous)) {
            return Optional.of("its predecessor is not the record at offset " + previousOffset);
        }
        if (manifest.getBasis() <= previousOffset || manifest.getBasis() > offset) {
            return Optional.of(
                    "its basis " + manifest.getBasis() + " is not in (" + previousOffset + ", " + offset + "]");
        }
        if (cycle.firstStep() != order.horizon()) {
            return Optional.of("expected first step " + order.horizon() + ", but it is " + cycle.firstStep());
        }
        return Optional.empty();
    }

    private Optional<String> window() {
        Window before = order.lastCycle().map(Cycle::window).orElse(run.from());
        if (!cycle.window().isAtLeast(before)) {
            return Optional.of("its window ends before that of its predecessor");
        }
        if (run.until().isPresent() && !cycle.window().equals(run.until().get())) {
            return Optional.of("its window is not that of the bounded run");
        }
        return Optional.empty();
    }

    private Optional<String> counts() {
        for (PoolKey pool : cycle.admitted().keySet()) {
            if (!run.spec().buckets().contains(pool.bucket())) {
                return Optional.of("it has a pool of a length outside the run");
            }
        }
        if (order.lastCycle().isEmpty()) {
            return Optional.empty();
        }
        for (Map.Entry<PoolKey, Admitted> before :
                order.lastCycle().get().admitted().entrySet()) {
            Optional<Admitted> now = cycle.admitted(before.getKey());
            if (now.isEmpty() || !now.get().isAtLeast(before.getValue())) {
                return Optional.of("it admits fewer rows of " + before.getKey() + " than its predecessor");
            }
        }
        return Optional.empty();
    }

    private Optional<String> decks() {
        long steps = 0;
        for (DeckSlice deck : cycle.decks().values()) {
            if (!run.spec().buckets().contains(deck.bucket())) {
                return Optional.of("it has a deck of a length outside the run");
            }
            if (deck.steps() < 1 || deck.endStep() > deck.rows() / run.spec().rowsPerStep(deck.bucket())) {
                return Optional.of("its deck of length " + deck.bucket().length() + " has no such steps");
            }
            List<String> sources = deck.ranges().stream().map(RowRange::source).toList();
            if (!sources.equals(sources.stream().distinct().sorted().toList())) {
                return Optional.of(
                        "the sources of its deck of length " + deck.bucket().length() + " are out of order");
            }
            for (RowRange range : deck.ranges()) {
                long admitted = cycle.admitted(new PoolKey(deck.bucket(), range.source()))
                        .map(Admitted::total)
                        .orElse(0L);
                if (range.to() > admitted) {
                    return Optional.of("it deals rows of " + range.source() + " that it does not admit");
                }
            }
            steps += deck.steps();
        }
        if (steps != cycle.steps()) {
            return Optional.of("its decks have " + steps + " steps, but it names " + cycle.steps());
        }
        return Optional.empty();
    }

    private Optional<String> bounded(Extent.Bounded extent) {
        if (order.lastCycle().isPresent() && !order.lastCycle().get().admitted().equals(cycle.admitted())) {
            return Optional.of("it admits other rows than its predecessor");
        }
        NavigableMap<Bucket, DeckSlice> expected = new TreeMap<>();
        BoundedDecks.of(order, extent, order.passes().deal((int) cycle.number()), cycle.admitted())
                .forEach(deck -> expected.put(deck.bucket(), deck));
        if (!cycle.shed().isEmpty()) {
            return Optional.of("it sheds rows of a bounded run");
        }
        return expected.equals(cycle.decks()) ? Optional.empty() : Optional.of("its decks are not those of its cycle");
    }

    /// The first cycle of a fork deals what its parent had begun, and looks at nothing new.
    private Optional<String> remainder(NavigableMap<Bucket, DeckSlice> remainder) {
        Cycle last = order.lastCycle().orElseThrow();
        if (!last.window().equals(cycle.window()) || !last.admitted().equals(cycle.admitted())) {
            return Optional.of("it admits other rows than the cycle that its run was forked from");
        }
        if (!cycle.shed().isEmpty()) {
            return Optional.of("it sheds rows before the cycle that its run was forked from is dealt");
        }
        return remainder.equals(cycle.decks())
                ? Optional.empty()
                : Optional.of("its decks are not the rest of the cycle that its run was forked from");
    }

    private Optional<String> live() {
        if (cycle.steps() < 1) {
            return Optional.of("it has no steps");
        }
        for (DeckSlice deck : cycle.decks().values()) {
            if (deck.key() != run.deckKey(cycle.number(), deck.bucket())) {
                return Optional.of(
                        "the key of its deck of length " + deck.bucket().length() + " is another");
            }
            if (deck.firstStep() != 0 || deck.steps() * run.spec().rowsPerStep(deck.bucket()) != deck.rows()) {
                return Optional.of("its deck of length " + deck.bucket().length() + " is not dealt whole");
            }
            for (RowRange range : deck.ranges()) {
                PoolKey pool = new PoolKey(deck.bucket(), range.source());
                long head = order.head(pool);
                if (range.from() != head || range.rows() == 0) {
                    return Optional.of("it deals rows of " + range.source() + " from " + range.from()
                            + ", but the pool's head is " + head);
                }
                if (cycle.policy().mixture().sourceWeight(range.source()) == 0
                        || cycle.policy()
                                        .mixture()
                                        .bucketWeight(run.spec().buckets().indexOf(deck.bucket()))
                                == 0) {
                    return Optional.of("it deals rows of the pool of length "
                            + deck.bucket().length() + " and source " + range.source() + ", which has no weight");
                }
            }
        }
        return shed();
    }

    private Optional<String> shed() {
        NavigableMap<PoolKey, RowRange> expected = new TreeMap<>();
        LiveDecks.shed(
                        order,
                        cycle.policy().mixture(),
                        cycle.admitted(),
                        cycle.decks().values())
                .forEach(range -> expected.put(
                        new PoolKey(Bucket.of(range.getLog2()), range.getSource()),
                        new RowRange(range.getSource(), range.getFrom(), range.getTo())));
        return expected.equals(cycle.shed())
                ? Optional.empty()
                : Optional.of("it does not shed what pools have beyond their backlog: expected " + expected
                        + ", but it sheds " + cycle.shed());
    }
}
