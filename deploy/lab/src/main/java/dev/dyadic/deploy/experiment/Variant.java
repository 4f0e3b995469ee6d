package dev.dyadic.deploy.experiment;

import java.util.List;

/// One way to train.
///
/// @param name short, for files and runs
/// @param title for people
/// @param chunked on chunks of the concatenated stream, all of the longest length; else on the decomposition
/// @param masked tokens attend to their own document only
/// @param curriculum of the decomposition
public record Variant(String name, String title, boolean chunked, boolean masked, String curriculum, int cycles) {
    /// All that the paper compares. The first is what the others are held against.
    static List<Variant> all() {
        return List.of(
                new Variant("chunks", "(a) concatenate and chunk", true, false, "uniform", 1),
                new Variant("chunks-masked", "(b) the same, document mask", true, true, "uniform", 1),
                decomposed("uniform", 1),
                decomposed("uniform", 8),
                decomposed("grow-p2", 1),
                decomposed("grow-p2", 8),
                decomposed("grow-p100", 1),
                decomposed("grow-p100", 8));
    }

    private static Variant decomposed(String curriculum, int cycles) {
        return new Variant(
                curriculum + "-" + cycles,
                "(c) decomposed, " + curriculum + ", " + cycles + (cycles == 1 ? " cycle" : " cycles"),
                false,
                false,
                curriculum,
                cycles);
    }
}
