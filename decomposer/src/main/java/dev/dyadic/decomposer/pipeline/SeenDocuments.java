package dev.dyadic.decomposer.pipeline;

import java.util.OptionalLong;

/// What this partition has decided. An id, and a source, is seen when a document with it was decomposed. A document
/// that was rejected leaves nothing but its offset, and only the last of these is kept.
///
/// That is enough to know a document that comes a second time, as it does where offsets are set back. Up to the last
/// offset that was rejected, everything has an outcome. Behind it, what has an outcome was decomposed, and its id is
/// known with this offset.
public interface SeenDocuments {
    /// The highest offset whose document was rejected, or -1.
    long lastRejected();

    /// The offset where a document with this id was decomposed.
    OptionalLong decomposedAt(String id);

    /// Whether the source is known, or there is room for one more.
    ///
    /// @param limit number of sources
    boolean admitsSource(String source, int limit);

    /// Remembers a document that was decomposed.
    void decomposed(String id, String source, long offset);

    /// Remembers that the document at this offset was rejected.
    void rejected(long offset);
}
