package dev.dyadic.decomposer;

import dev.dyadic.proto.InvalidException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/// @param stateDir where the seen ids are kept; a cache of the changelog topic
/// @param threads stream threads; more than partitions are idle
/// @param commitIntervalMillis how long a document may wait before its sequences become visible
/// @param instance name that stays over restarts: a member that crashes and is back soon keeps its partitions (static
/// membership); empty: none
public record DecomposerSettings(Path stateDir, int threads, int commitIntervalMillis, Optional<String> instance) {
    /// With what it takes to commit and to serve, the slowest of a hundred documents can be had after 110 ms.
    public static final int DEFAULT_COMMIT_INTERVAL_MILLIS = 90;
    /// The longest time-out of a decomposer's transactions, which Kafka has to allow.
    public static final int MOST_TRANSACTION_MILLIS = TransactionTime.MOST_MILLIS;

    private static final Pattern INSTANCE = Pattern.compile("[a-zA-Z0-9._-]{1,200}");

    /// As few threads as the partitions allow, and no name.
    public static DecomposerSettings smallest(Path stateDir, int partitions) {
        return new DecomposerSettings(
                stateDir, TransactionTime.leastThreads(partitions), DEFAULT_COMMIT_INTERVAL_MILLIS);
    }

    /// Without a name.
    public DecomposerSettings(Path stateDir, int threads, int commitIntervalMillis) {
        this(stateDir, threads, commitIntervalMillis, Optional.empty());
    }

    public DecomposerSettings {
        instance.ifPresent(name -> {
            if (!INSTANCE.matcher(name).matches()) {
                throw new InvalidException(
                        "instance must be 1 to 200 letters, digits, dots, dashes and underscores, but was '" + name
                                + "'");
            }
        });
        if (threads < 1 || threads > 256) {
            throw new InvalidException("threads must be between 1 and 256, but was " + threads);
        }
        if (commitIntervalMillis < 1 || commitIntervalMillis > 5_000) {
            throw new InvalidException(
                    "commit-interval must be between 1 and 5000 ms, but was " + commitIntervalMillis);
        }
    }
}
