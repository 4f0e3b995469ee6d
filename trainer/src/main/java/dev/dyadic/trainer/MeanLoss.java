package dev.dyadic.trainer;

/// A running mean.
final class MeanLoss {
    private double sum;
    private long count;

    void add(float loss) {
        sum += loss;
        count++;
    }

    float value() {
        return (float) (sum / Math.max(1, count));
    }

    long count() {
        return count;
    }
}
