package dev.dyadic.deploy.history;

import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.LedgerHeaders;
import dev.dyadic.proto.Topics;

/// The records of a corpus's topics at one moment, in the order of their offsets. Tests make broken ones.
public interface History {
    Topics topics();

    CorpusSettings settings();

    /// End offset of the documents, on this partition, whose outcome has to be there. Documents from here on are
    /// pending.
    long decomposedUpTo(int partition);

    /// Every committed record of the partition.
    void read(String topic, int partition, Visitor visitor);

    /// Called for each record.
    @FunctionalInterface
    interface Visitor {
        /// @param timestampMillis the record's time
        void visit(long offset, long timestampMillis, Value value);
    }

    /// A record's bytes, which nobody changes.
    final class Value {
        private final byte[] bytes;
        private final LedgerHeaders headers;

        /// Takes the array over.
        public Value(byte[] bytes) {
            this(bytes, LedgerHeaders.NONE);
        }

        /// Takes the array over.
        ///
        /// @param headers of a ledger record
        public Value(byte[] bytes, LedgerHeaders headers) {
            this.bytes = bytes;
            this.headers = headers;
        }

        public LedgerHeaders headers() {
            return headers;
        }

        /// The array itself: callers only read it.
        public byte[] bytes() {
            return bytes;
        }
    }
}
