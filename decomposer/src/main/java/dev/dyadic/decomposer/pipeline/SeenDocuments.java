package dev.dyadic.decomposer.pipeline;

import java.util.OptionalLong;

/// Which document ids and sources of this partition were seen.
public interface SeenDocuments {
    /// Remembers the id if it is new.
    ///
    /// @return the offset where it was seen first, or empty if it is new
    OptionalLong firstSeen(String id, long offset);

    /// Remembers the source if it is new and there is room for one more.
    ///
    /// @return whether the source is one of at most `limit`
    boolean admitsSource(String source, int limit);
}
