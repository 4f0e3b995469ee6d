package dev.dyadic.decomposer.tokenize.stages;

/// Rewrites a text before it is cut. Never changes; safe for use by many threads.
@FunctionalInterface
public interface Normalizer {
    /// @param text UTF-8, which is left as it is
    /// @return the text rewritten; the same array where nothing changes
    byte[] normalize(byte[] text);

    default Normalizer then(Normalizer second) {
        return text -> second.normalize(normalize(text));
    }
}
