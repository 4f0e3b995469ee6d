package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.avro.Deck;
import dev.dyadic.proto.avro.Manifest;
import dev.dyadic.proto.avro.PoolCounts;
import dev.dyadic.proto.avro.ShedRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// One cycle as its manifest fixes it.
///
/// @param run whose manifest it is: for cycles that a fork inherits, the parent
/// @param policy that was in force
/// @param steps of it that belong to the run: a fork has the head of its parent's last cycle
/// @param ledgerOffset of the manifest
/// @param digest of the manifest
/// @param window end offsets that the plan looked at
/// @param admitted every pool of the run so far, cumulative
/// @param decks by bucket; only buckets with steps
/// @param shed by pool
public record Cycle(
        Run run,
        Policy policy,
        long number,
        long firstStep,
        long steps,
        long ledgerOffset,
        RecordDigest digest,
        long scheduleDigest,
        Window window,
        NavigableMap<PoolKey, Admitted> admitted,
        NavigableMap<Bucket, DeckSlice> decks,
        NavigableMap<PoolKey, RowRange> shed) {
    public long endStep() {
        return firstStep + steps;
    }

    /// What a fork has of it.
    ///
    /// @param endStep first step that the fork does not have
    Cycle until(long endStep) {
        long first = Math.min(firstStep, endStep);
        return new Cycle(
                run,
                policy,
                number,
                first,
                Math.min(endStep, endStep()) - first,
                ledgerOffset,
                digest,
                scheduleDigest,
                window,
                admitted,
                decks,
                shed);
    }

    /// @param last the cycle before: what has not changed since is shared
    static Cycle of(long ledgerOffset, byte[] record, Manifest manifest, Run run, Policy policy, Optional<Cycle> last) {
        int partitions = run.from().partitions();
        NavigableMap<PoolKey, Admitted> admitted = new TreeMap<>();
        for (PoolCounts pool : manifest.getPools()) {
            long[] rows = longs(pool.getAdmitted());
            long[] digests = longs(pool.getDigests());
            if (rows.length != partitions || digests.length != partitions) {
                throw new IllegalArgumentException("pool counts must have " + partitions + " partitions");
            }
            if (Arrays.stream(rows).anyMatch(count -> count < 0)) {
                throw new IllegalArgumentException("pool counts must be at least 0");
            }
            PoolKey key = new PoolKey(Bucket.of(pool.getLog2()), pool.getSource());
            Admitted read = new Admitted(rows, digests);
            Admitted counts = last.flatMap(cycle -> cycle.admitted(key))
                    .filter(read::equals)
                    .orElse(read);
            if (admitted.put(key, counts) != null) {
                throw new IllegalArgumentException("a manifest lists the pool of length " + key.bucket()
                        + " and source " + pool.getSource() + " twice");
            }
        }
        NavigableMap<Bucket, DeckSlice> decks = new TreeMap<>();
        for (Deck deck : manifest.getDecks()) {
            List<RowRange> ranges = deck.getRanges().stream()
                    .map(range -> new RowRange(range.getSource(), range.getFrom(), range.getTo()))
                    .toList();
            DeckSlice parsed = new DeckSlice(
                    Bucket.of(deck.getLog2()), deck.getKey(), ranges, deck.getFirstDeckStep(), deck.getEndDeckStep());
            if (decks.put(parsed.bucket(), parsed) != null) {
                throw new IllegalArgumentException("a manifest has two decks of length " + parsed.bucket());
            }
        }
        NavigableMap<PoolKey, RowRange> shed = new TreeMap<>();
        for (ShedRange range : manifest.getShed()) {
            RowRange rows = new RowRange(range.getSource(), range.getFrom(), range.getTo());
            if (shed.put(new PoolKey(Bucket.of(range.getLog2()), range.getSource()), rows) != null) {
                throw new IllegalArgumentException("a manifest sheds twice from the pool of length "
                        + Bucket.of(range.getLog2()) + " and source " + range.getSource());
            }
        }
        NavigableMap<PoolKey, Admitted> before = last.map(Cycle::admitted).orElse(admitted);
        return new Cycle(
                run,
                policy,
                manifest.getCycle(),
                manifest.getFirstStep(),
                manifest.getSteps(),
                ledgerOffset,
                RecordDigest.ofRecord(record),
                manifest.getScheduleDigest(),
                Window.of(run.spec().buckets(), partitions, manifest.getWindow()),
                before.equals(admitted) ? before : admitted,
                decks,
                shed);
    }

    /// Draws the schedule anew. Costs time in proportion to the cycle's steps.
    public Schedule schedule() {
        return Schedule.draw(
                run.spec().buckets(),
                stepsOf(run, decks.values()),
                policy.curriculum().odds(),
                policy.weighting(),
                run.scheduleKey(number));
    }

    /// Digest of the schedule that a cycle would have.
    static long scheduleDigest(Run run, Policy policy, long number, Iterable<DeckSlice> decks) {
        return Schedule.digest(
                run.spec().buckets(),
                stepsOf(run, decks),
                policy.curriculum().odds(),
                policy.weighting(),
                run.scheduleKey(number));
    }

    private static long[] stepsOf(Run run, Iterable<DeckSlice> decks) {
        long[] steps = new long[run.spec().buckets().count()];
        for (DeckSlice deck : decks) {
            steps[run.spec().buckets().indexOf(deck.bucket())] = deck.steps();
        }
        return steps;
    }

    Optional<Admitted> admitted(PoolKey pool) {
        return Optional.ofNullable(admitted.get(pool));
    }

    private static long[] longs(List<Long> values) {
        return new ArrayList<>(values).stream().mapToLong(Long::longValue).toArray();
    }
}
