package dev.dyadic.deploy.stats;

import java.util.Collection;

/// The averages of the paper's table 1.
///
/// @param sequenceLength sum of lengths over number of sequences
/// @param contextLength mean number of tokens that a token can attend to: sum of `l * (l - 1) / 2` over sum of `l`
public record Averages(double sequenceLength, double contextLength) {
    public static Averages of(Collection<BucketStats> buckets) {
        double sequences = 0;
        double positions = 0;
        double contexts = 0;
        for (BucketStats bucket : buckets) {
            double length = bucket.length();
            sequences += bucket.sequences();
            positions += bucket.sequences() * length;
            contexts += bucket.sequences() * length * (length - 1) / 2;
        }
        return sequences == 0 ? new Averages(0, 0) : new Averages(positions / sequences, contexts / positions);
    }
}
