package dev.dyadic.sampler.order;

import dev.dyadic.proto.avro.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// One cycle as its manifest fixes it.
///
/// @param ledgerOffset of the manifest
/// @param digest of the manifest
/// @param window end offsets that the plan looked at
/// @param admitted every pool of the run so far, cumulative
/// @param decks by log2; only buckets with steps
public record Cycle(
        long number,
        long firstStep,
        long steps,
        long ledgerOffset,
        RecordDigest digest,
        long scheduleDigest,
        Offsets window,
        NavigableMap<PoolKey, Admitted> admitted,
        NavigableMap<Integer, Deck> decks) {
    public long endStep() {
        return firstStep + steps;
    }

    static Cycle of(long ledgerOffset, byte[] record, Manifest manifest, Run run) {
        int partitions = run.from().partitions();
        NavigableMap<PoolKey, Admitted> admitted = new TreeMap<>();
        for (dev.dyadic.proto.avro.PoolCounts pool : manifest.getPools()) {
            long[] rows = longs(pool.getAdmitted());
            long[] digests = longs(pool.getDigests());
            if (rows.length != partitions || digests.length != partitions) {
                throw new IllegalArgumentException("pool counts must have " + partitions + " partitions");
            }
            Admitted counts = new Admitted(rows, digests);
            if (admitted.put(new PoolKey(pool.getLog2(), pool.getSource()), counts) != null) {
                throw new IllegalArgumentException("a manifest lists the pool of length " + (1 << pool.getLog2())
                        + " and source " + pool.getSource() + " twice");
            }
        }
        NavigableMap<Integer, Deck> decks = new TreeMap<>();
        for (dev.dyadic.proto.avro.Deck deck : manifest.getDecks()) {
            List<PoolRange> ranges = deck.getRanges().stream()
                    .map(range -> new PoolRange(range.getSource(), range.getFrom(), range.getTo()))
                    .toList();
            Deck parsed =
                    new Deck(deck.getLog2(), deck.getKey(), ranges, deck.getFirstDeckStep(), deck.getEndDeckStep());
            if (decks.put(deck.getLog2(), parsed) != null) {
                throw new IllegalArgumentException("a manifest has two decks of length " + (1 << deck.getLog2()));
            }
        }
        return new Cycle(
                manifest.getCycle(),
                manifest.getFirstStep(),
                manifest.getSteps(),
                ledgerOffset,
                RecordDigest.ofRecord(record),
                manifest.getScheduleDigest(),
                Offsets.of(run.spec().buckets(), partitions, manifest.getWindow()),
                admitted,
                decks);
    }

    /// Draws the schedule anew. Costs time in proportion to the cycle's steps.
    public Schedule schedule(Run run) {
        return scheduleOf(run, number, decks.values());
    }

    static Schedule scheduleOf(Run run, long number, Iterable<Deck> decks) {
        long[] steps = new long[run.spec().buckets().count()];
        for (Deck deck : decks) {
            steps[deck.log2() - run.spec().buckets().minLog2()] = deck.steps();
        }
        return Schedule.draw(
                run.spec().buckets(),
                steps,
                run.spec().curriculum().odds(),
                run.spec().weighting(),
                run.scheduleKey(number));
    }

    Optional<Admitted> admitted(PoolKey pool) {
        return Optional.ofNullable(admitted.get(pool));
    }

    private static long[] longs(List<Long> values) {
        return new ArrayList<>(values).stream().mapToLong(Long::longValue).toArray();
    }
}
