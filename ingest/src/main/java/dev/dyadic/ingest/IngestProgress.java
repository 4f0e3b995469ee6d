package dev.dyadic.ingest;

/// Told now and then, from the reading thread.
@FunctionalInterface
public interface IngestProgress {
    IngestProgress NONE = (documents, rejected, storedBytes) -> {};

    /// @param documents accepted so far
    /// @param storedBytes read from the inputs, as stored
    void update(long documents, long rejected, long storedBytes);
}
