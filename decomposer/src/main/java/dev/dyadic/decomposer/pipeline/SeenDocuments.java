package dev.dyadic.decomposer.pipeline;

import java.util.OptionalLong;

/// What this partition has decided. An id, and a source, is seen when a document with it was decomposed; a document
/// that
/// was rejected leaves nothing but its offset.
public interface SeenDocuments {
    /// The highest offset that has an outcome, or -1.
    long lastDecided();

    /// The offset where a document with this id was decomposed.
    OptionalLong decomposedAt(String id);

    /// Whether the source is known, or there is room for one more.
    ///
    /// @param limit number of sources
    boolean admitsSource(String source, int limit);

    /// Remembers a document that was decomposed.
    void decomposed(String id, String source, long offset);

    /// Remembers that everything up to this offset has an outcome.
    void decided(long offset);
}
