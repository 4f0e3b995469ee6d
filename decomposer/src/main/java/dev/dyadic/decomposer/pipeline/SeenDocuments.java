package dev.dyadic.decomposer.pipeline;

import java.util.OptionalLong;

/// Which document ids of this partition were seen, and where.
public interface SeenDocuments {
    /// Remembers the id if it is new.
    ///
    /// @return the offset where it was seen first, or empty if it is new
    OptionalLong firstSeen(String id, long offset);
}
