package dev.dyadic.deploy.export;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// A file that is being written, step by step.
interface Shard extends AutoCloseable {
    /// @param tokenBytes 2 or 4
    /// @param rowTokens of all rows, where all have as many
    record Columns(int tokenBytes, @Nullable Integer rowTokens) {
        /// NumPy's name.
        static String tokenType(int tokenBytes) {
            return tokenBytes == Short.BYTES ? "uint16" : "uint32";
        }

        static Columns of(ExportManifest.Tokens tokens, @Nullable Integer rowTokens) {
            return new Columns(tokens.type().equals(tokenType(Short.BYTES)) ? Short.BYTES : Integer.BYTES, rowTokens);
        }
    }

    /// Adds all rows of a step.
    void add(StepRows step) throws IOException;

    /// Writes what is left: the file is whole.
    void finish() throws IOException;

    /// Lets go of the file, whether it is finished or not.
    @Override
    void close();

    /// Closes what was not finished, whose failures do not matter any more.
    static void abandon(Closeable writer) {
        try {
            writer.close();
        } catch (IOException | RuntimeException e) {
            LoggerFactory.getLogger(Shard.class).debug("an unfinished file could not be closed", e);
        }
    }
}
