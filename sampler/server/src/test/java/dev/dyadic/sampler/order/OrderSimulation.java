package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.LedgerHeaders;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.proto.TokenizerIdentity;
import dev.dyadic.proto.Weighting;
import dev.dyadic.proto.avro.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecordBase;

/// A corpus, a run and arrivals, all made from one seed.
final class OrderSimulation {
    static final String RUN = "run";
    private static final long NO_WAIT = 0;

    final SplitMix64 random;
    final Buckets buckets;
    final int partitions;
    final CorpusSettings corpus;
    final RunSpec spec;
    final FakeLog log = new FakeLog();
    final List<byte[]> ledger = new ArrayList<>();
    final LedgerState state;
    private final List<String> sources;

    OrderSimulation(long seed) {
        random = new SplitMix64(seed);
        int min = 2 + (int) random.nextBelow(3);
        buckets = new Buckets(min, min + (int) random.nextBelow(4));
        partitions = 1 + (int) random.nextBelow(4);
        sources = List.of("code", "web", "wiki").subList(0, 1 + (int) random.nextBelow(3));
        corpus = new CorpusSettings(
                "main",
                TokenizerIdentity.builtIn("bytes", 257, 256, 0),
                Layout.NEXT_TOKEN,
                buckets,
                LongDocuments.LONGEST_FIRST,
                0,
                0,
                partitions);
        long tokensPerStep = (long) buckets.maxLength() * (1 + random.nextBelow(4));
        Extent extent = seed % 2 == 0
                ? new Extent.Bounded(1 + (int) random.nextBelow(5), 1 + (int) random.nextBelow(3))
                : new Extent.Live(tokensPerStep * (1 + random.nextBelow(12)), 0, NO_WAIT);
        String preset = Curriculum.PRESETS.get((int) random.nextBelow(Curriculum.PRESETS.size()));
        spec = new RunSpec(
                random.next(),
                tokensPerStep,
                buckets,
                Curriculum.of(preset, buckets, List.of()),
                random.nextBelow(2) == 0 ? Weighting.ODDS : Weighting.ODDS_TIMES_STEPS,
                MixtureWeights.NATURAL,
                Split.TRAIN,
                RunSpec.EARLIEST,
                extent);
        state = new LedgerState(corpus);
    }

    void arrive(int rows) {
        for (int i = 0; i < rows; i++) {
            Bucket bucket = buckets.get((int) random.nextBelow(buckets.count()));
            log.append(
                    bucket,
                    (int) random.nextBelow(partitions),
                    sources.get((int) random.nextBelow(sources.size())),
                    random);
        }
    }

    Window ends() {
        return Window.of(buckets, partitions, log::endOffset);
    }

    void open(Window from) {
        Optional<Window> until = spec.extent() instanceof Extent.Bounded ? Optional.of(ends()) : Optional.empty();
        append(Run.record(RUN, spec, from, until, Optional.empty(), 0));
    }

    RunOrder order() {
        return state.run(RUN).orElseThrow();
    }

    Plan plan(Availability available) {
        return Planner.plan(order(), available, state.endOffset(), NO_WAIT, 0, "simulation");
    }

    /// Plans and appends until the data, or the run, is at its end.
    void planAll() {
        while (plan(log) instanceof Plan.Proposed(Manifest manifest)) {
            Outcome fold = append(manifest);
            if (!(fold instanceof Outcome.Accepted)) {
                throw new AssertionError("a proposal was not accepted: " + fold);
            }
        }
    }

    Outcome append(SpecificRecordBase record) {
        return appendRaw(LedgerCodec.encode(record), LedgerHeaders.NONE);
    }

    Outcome appendRaw(byte[] record, LedgerHeaders headers) {
        ledger.add(record);
        return state.apply(ledger.size() - 1, record, headers);
    }

    /// Another replica, which folds the same ledger.
    LedgerState replay() {
        LedgerState other = new LedgerState(corpus);
        for (int offset = 0; offset < ledger.size(); offset++) {
            other.apply(offset, ledger.get(offset));
        }
        return other;
    }
}
