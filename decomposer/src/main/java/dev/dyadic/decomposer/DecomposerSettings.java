package dev.dyadic.decomposer;

import java.nio.file.Path;

/// @param stateDir where the seen ids are kept; a cache of the changelog topic
/// @param threads stream threads; more than partitions are idle
/// @param commitIntervalMillis how long a document may wait before its sequences become visible
public record DecomposerSettings(Path stateDir, int threads, int commitIntervalMillis) {
    public static final int DEFAULT_COMMIT_INTERVAL_MILLIS = 100;

    public DecomposerSettings {
        if (threads < 1 || threads > 256) {
            throw new IllegalArgumentException("threads must be between 1 and 256, but was " + threads);
        }
        if (commitIntervalMillis < 1 || commitIntervalMillis > 5_000) {
            throw new IllegalArgumentException(
                    "commit-interval must be between 1 and 5000 ms, but was " + commitIntervalMillis);
        }
    }
}
