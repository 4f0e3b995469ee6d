package dev.dyadic.deploy.stats;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/// The averages of the paper's table 1.
///
/// @param sequenceLength sum of lengths over number of sequences
/// @param contextLength mean number of tokens that a token can attend to: sum of `l * (l - 1) / 2` over sum of `l`
public record Averages(double sequenceLength, double contextLength) {
    public static Averages of(Collection<BucketStats> buckets) {
        Map<Integer, Long> sequences = new TreeMap<>();
        buckets.forEach(bucket ->
                sequences.merge(Integer.numberOfTrailingZeros(bucket.length()), bucket.sequences(), Long::sum));
        return of(sequences);
    }

    /// @param sequencesByLog2 how many sequences each length has
    public static Averages of(Map<Integer, Long> sequencesByLog2) {
        double sequences = 0;
        double positions = 0;
        double contexts = 0;
        for (Map.Entry<Integer, Long> bucket : sequencesByLog2.entrySet()) {
            double length = 1L << bucket.getKey();
            sequences += bucket.getValue();
            positions += bucket.getValue() * length;
            contexts += bucket.getValue() * length * (length - 1) / 2;
        }
        return sequences == 0 ? new Averages(0, 0) : new Averages(positions / sequences, contexts / positions);
    }
}
