package dev.dyadic.ingest.format;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads the entries of one input, one after the other. Owned by one thread.
public interface EntryReader extends AutoCloseable {
    /// The next entry; null at the end.
    ///
    /// @throws DamagedInputException where a part of the input cannot be read
    /// @throws IOException where nothing more can be read
    @Nullable
    Entry next() throws IOException;

    /// Behind the entry that was read last: a reader of the same input goes on from there.
    Position position();

    /// What was found out about the input that a user should know, once it is known.
    default Optional<String> note() {
        return Optional.empty();
    }

    @Override
    void close() throws IOException;
}
