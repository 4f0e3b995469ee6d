package dev.dyadic.sampler.simulate;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.proto.TokenizerIdentity;
import dev.dyadic.sampler.order.Window;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;

/// What all replicas share: the length topics and the ledger.
final class World {
    static final List<String> SOURCES = List.of("code", "web", "wiki");

    final SplitMix64 random;
    final Buckets buckets;
    final int partitions;
    final CorpusSettings corpus;
    final MemoryLog log = new MemoryLog();
    final List<byte[]> ledger = new ArrayList<>();
    private final int sources;

    World(long seed) {
        random = new SplitMix64(SplitMix64.key(seed, 17));
        int min = 2 + (int) random.nextBelow(2);
        buckets = new Buckets(min, min + (int) random.nextBelow(4));
        partitions = 1 + (int) random.nextBelow(3);
        sources = 1 + (int) random.nextBelow(SOURCES.size());
        corpus = new CorpusSettings(
                "main",
                TokenizerIdentity.builtIn("bytes", 257, 256, 0),
                Layout.NEXT_TOKEN,
                buckets,
                LongDocuments.LONGEST_FIRST,
                0,
                0,
                partitions);
    }

    boolean chance(int in) {
        return random.nextBelow(in) == 0;
    }

    long between(long low, long high) {
        return low + random.nextBelow(high - low + 1);
    }

    void arrive(long rows) {
        for (long i = 0; i < rows; i++) {
            Bucket bucket = buckets.get((int) random.nextBelow(buckets.count()));
            String source = SOURCES.get((int) random.nextBelow(sources));
            log.append(bucket, (int) random.nextBelow(partitions), source, random);
        }
    }

    Window ends() {
        return Window.of(buckets, partitions, log::end);
    }

    Window beginning() {
        return Window.of(buckets, partitions, (_, _) -> 0);
    }

    void append(SpecificRecordBase record) {
        ledger.add(LedgerCodec.encode(record));
    }
}
