package dev.dyadic.deploy.stats;

import dev.dyadic.proto.Bucket;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/// The averages of the paper's table 1.
///
/// @param sequenceLength sum of lengths over number of sequences
/// @param contextLength mean number of tokens that a token can attend to: sum of `l * (l - 1) / 2` over sum of `l`
public record Averages(double sequenceLength, double contextLength) {
    public static Averages of(Collection<BucketStats> buckets) {
        Map<Bucket, Long> sequences = new TreeMap<>();
        buckets.forEach(
                bucket -> sequences.merge(Bucket.ofLength("length", bucket.length()), bucket.sequences(), Long::sum));
        return of(sequences);
    }

    /// @param sequencesByBucket how many sequences each length has
    public static Averages of(Map<Bucket, Long> sequencesByBucket) {
        double sequences = 0;
        double positions = 0;
        double contexts = 0;
        for (Map.Entry<Bucket, Long> bucket : sequencesByBucket.entrySet()) {
            double length = bucket.getKey().length();
            sequences += bucket.getValue();
            positions += bucket.getValue() * length;
            contexts += bucket.getValue() * length * (length - 1) / 2;
        }
        return sequences == 0 ? new Averages(0, 0) : new Averages(positions / sequences, contexts / positions);
    }
}
