package dev.dyadic.decomposer;

import dev.dyadic.proto.InvalidException;

/// How long a transaction of a stream thread may take. Kafka aborts a longer one, and the thread would do the same work
/// again, for ever.
///
/// A thread looks whether to commit after it has taken what its last poll brought. That is, for each partition, what
/// one fetch has: one document of the largest size, or several that are no larger together. The time to decompose is
/// in proportion to the bytes, whatever the text is, so a transaction takes at most that of one largest document for
/// each partition that the thread has. When all other members are gone, a member has all partitions.
final class TransactionTime {
    /// The slowest document of 4 MiB takes some 1.3 s to tokenize on a slow core, and its sequences a part of that to
    /// write.
    static final int DOCUMENT_MILLIS = 2_000;

    static final int LEAST_MILLIS = 10_000;
    /// A member that dies in the middle of a transaction holds up the readers of its partitions so long.
    static final int MOST_MILLIS = 60_000;

    private TransactionTime() {}

    /// The least number of threads for so many partitions.
    static int leastThreads(int partitions) {
        return Math.ceilDiv(partitions, MOST_MILLIS / DOCUMENT_MILLIS - 1);
    }

    /// @throws InvalidException where a thread may come to have too many partitions
    static int millis(int partitions, int threads) {
        int perThread = Math.ceilDiv(partitions, threads);
        // One more for what else a thread does.
        long millis = (perThread + 1L) * DOCUMENT_MILLIS;
        if (millis > MOST_MILLIS) {
            throw new InvalidException("--threads must be at least " + leastThreads(partitions) + " for "
                    + partitions + " partitions, but was " + threads + ": a thread may come to have " + perThread
                    + " partitions, each with a document that takes " + DOCUMENT_MILLIS / 1000
                    + " s, and a transaction ends after " + MOST_MILLIS / 1000 + " s");
        }
        return (int) Math.max(LEAST_MILLIS, millis);
    }
}
