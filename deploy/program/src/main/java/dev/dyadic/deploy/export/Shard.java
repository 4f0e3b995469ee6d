package dev.dyadic.deploy.export;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A file that is being written, step by step.
interface Shard extends AutoCloseable {
    /// @param tokenBytes 2 or 4
    /// @param rowTokens of all rows, where all have as many
    record Columns(int tokenBytes, @Nullable Integer rowTokens) {
        String tokenType() {
            return tokenBytes == 2 ? "uint16" : "uint32";
        }
    }

    /// Adds all rows of a step.
    void add(StepRows step) throws IOException;

    /// Writes what is left, and closes the file.
    @Override
    void close() throws IOException;
}
