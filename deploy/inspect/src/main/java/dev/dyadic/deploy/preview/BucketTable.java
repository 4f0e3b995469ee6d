package dev.dyadic.deploy.preview;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.InvalidException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// How many sequences each length has.
///
/// @param name for people
/// @param sequences by bucket; every bucket from the shortest to the longest is there
public record BucketTable(String name, NavigableMap<Bucket, Long> sequences) {
    private static final long GIGA = 1L << 30;

    /// Mixtures of table 1 of the paper, in tokens, and decompositions that its authors published, in sequences.
    private static final Map<String, BucketTable> BUILT_IN = new LinkedHashMap<>();

    static {
        paper("natural", 3, 6, 10, 17, 21, 17, 13, 9);
        paper("equal", 12, 12, 12, 12, 12, 12, 12, 12);
        paper("1k-only", 0, 0, 0, 0, 96, 0, 0, 0);
        paper("at-most-2k", 16, 16, 16, 16, 16, 16, 0, 0);
        paper("at-least-256", 0, 0, 16, 16, 16, 16, 16, 16);
        published("wikipedia", 2_265_088, 1_595_392, 850_944, 353_280, 121_600, 37_248);
        published("dclm", 14_581_760, 12_279_808, 7_587_840, 3_230_208, 1_320_192, 577_664);
    }

    public BucketTable {
        sequences = new TreeMap<>(sequences);
        if (sequences.values().stream().allMatch(count -> count == 0)) {
            throw new InvalidException("the table " + name + " has no sequences");
        }
    }

    public static List<String> names() {
        return List.copyOf(BUILT_IN.keySet());
    }

    public static BucketTable named(String name) {
        BucketTable table = BUILT_IN.get(name);
        if (table == null) {
            throw new InvalidException("table must be one of " + String.join(", ", names()) + ", but was " + name);
        }
        return table;
    }

    /// @param sequences by length
    public static BucketTable of(String name, Map<Long, Long> sequences) {
        if (sequences.isEmpty()) {
            throw new InvalidException("a table needs at least one length");
        }
        long shortest =
                sequences.keySet().stream().mapToLong(Long::longValue).min().orElseThrow();
        long longest =
                sequences.keySet().stream().mapToLong(Long::longValue).max().orElseThrow();
        Buckets buckets = Buckets.ofLengths(shortest, longest);
        NavigableMap<Bucket, Long> byBucket = new TreeMap<>();
        for (Bucket bucket : buckets) {
            byBucket.put(bucket, sequences.getOrDefault((long) bucket.length(), 0L));
        }
        for (Map.Entry<Long, Long> entry : sequences.entrySet()) {
            if (Long.bitCount(entry.getKey()) != 1 || entry.getValue() < 0) {
                throw new InvalidException("a table has powers of two and counts of at least 0, but " + entry.getKey()
                        + "=" + entry.getValue() + " was given");
            }
        }
        return new BucketTable(name, byBucket);
    }

    public Buckets buckets() {
        return new Buckets(sequences.firstKey().log2(), sequences.lastKey().log2());
    }

    /// Positions of all sequences.
    public long tokens() {
        return sequences.entrySet().stream()
                .mapToLong(entry -> entry.getKey().positions(entry.getValue()))
                .sum();
    }

    private static void paper(String name, int... gigatokens) {
        NavigableMap<Bucket, Long> sequences = new TreeMap<>();
        for (int i = 0; i < gigatokens.length; i++) {
            Bucket bucket = Bucket.of(6 + i);
            sequences.put(bucket, bucket.rows(gigatokens[i] * GIGA));
        }
        BUILT_IN.put(name, new BucketTable(name, sequences));
    }

    private static void published(String name, long... counts) {
        NavigableMap<Bucket, Long> sequences = new TreeMap<>();
        for (int i = 0; i < counts.length; i++) {
            sequences.put(Bucket.of(8 + i), counts[i]);
        }
        BUILT_IN.put(name, new BucketTable(name, sequences));
    }
}
