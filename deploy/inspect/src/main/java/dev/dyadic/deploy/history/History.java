package dev.dyadic.deploy.history;

import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.LedgerHeaders;
import dev.dyadic.proto.Topics;
import org.jspecify.annotations.Nullable;

/// The records of a corpus's topics at one moment, in the order of their offsets. Tests make broken ones.
public interface History {
    Topics topics();

    CorpusSettings settings();

    /// End offset of the documents, on this partition, whose outcome has to be there. Documents from here on are
    /// pending.
    long decomposedUpTo(int partition);

    /// Where what is there of a partition begins.
    Beginning beginning(String topic, int partition);

    /// Every committed record of the partition, from its beginning on. Several may be open at once, of different
    /// partitions.
    Cursor open(String topic, int partition);

    /// The records from an offset on.
    default Cursor openAt(String topic, int partition, long offset) {
        Cursor cursor = open(topic, partition);
        return () -> {
            Entry entry = cursor.next();
            while (entry != null && entry.offset() < offset) {
                entry = cursor.next();
            }
            return entry;
        };
    }

    /// The last record before an offset.
    ///
    /// @return null: there is none
    default @Nullable Value lastBefore(String topic, int partition, long offset) {
        Cursor cursor = open(topic, partition);
        Value last = null;
        for (Entry entry = cursor.next(); entry != null && entry.offset() < offset; entry = cursor.next()) {
            last = entry.value();
        }
        return last;
    }

    /// Every committed record of the partition.
    default void read(String topic, int partition, Visitor visitor) {
        Cursor cursor = open(topic, partition);
        for (Entry entry = cursor.next(); entry != null; entry = cursor.next()) {
            visitor.visit(entry.offset(), entry.timestampMillis(), entry.value());
        }
    }

    /// Called for each record.
    @FunctionalInterface
    interface Visitor {
        /// @param timestampMillis the record's time
        void visit(long offset, long timestampMillis, Value value);
    }

    /// Gives one record after the other.
    @FunctionalInterface
    interface Cursor {
        /// @return null: there are no more
        @Nullable
        Entry next();
    }

    /// @param timestampMillis the record's time
    record Entry(long offset, long timestampMillis, Value value) {}

    /// @param offset the first one that is looked at; above 0, records before it are gone, or left out
    /// @param before the last record before it, where that is left out and not gone
    record Beginning(long offset, @Nullable Value before) {
        /// Everything that was ever written is there.
        public static final Beginning WHOLE = new Beginning(0, null);
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
