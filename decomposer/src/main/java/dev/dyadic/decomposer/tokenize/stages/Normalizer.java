package dev.dyadic.decomposer.tokenize.stages;

/// Rewrites a text before it is cut. Never changes; safe for use by many threads.
@FunctionalInterface
public interface Normalizer {
    /// @param text UTF-8, which is left as it is
    /// @return the text rewritten; the same array where nothing changes
    byte[] normalize(byte[] text);

    /// Whether what the rewritten text begins with comes from the beginning of this one, and nothing before it was
    /// removed.
    default boolean keepsStart(byte[] text) {
        return true;
    }

    default Normalizer then(Normalizer second) {
        return new Chain(this, second);
    }

    /// One after the other.
    record Chain(Normalizer first, Normalizer second) implements Normalizer {
        @Override
        public byte[] normalize(byte[] text) {
            return second.normalize(first.normalize(text));
        }

        @Override
        public boolean keepsStart(byte[] text) {
            return first.keepsStart(text) && second.keepsStart(first.normalize(text));
        }
    }
}
