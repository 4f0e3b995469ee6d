package dev.dyadic.deploy.bench;

import java.util.Arrays;

/// One measured thing: a value for each round.
///
/// @param unit what one value counts, for example `Mtok/s`
public record Figure(String name, String unit, double median, double min, double max) {
    static Figure of(String name, String unit, double... rounds) {
        double[] sorted = rounds.clone();
        Arrays.sort(sorted);
        return new Figure(name, unit, sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
    }
}
