package dev.dyadic.proto.kafka;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/// The ledger as a topic: one partition, kept for ever. Whoever reads it holds it against this.
public final class LedgerTopic {
    private static final String ADVICE =
            "; put the topic back from a copy. Where there is none, the order of its runs cannot be known any more: use"
                    + " another --corpus, or delete every topic of this one and make it again";

    private LedgerTopic() {}

    /// Offsets that Kafka has of the ledger now.
    public record Extent(long beginning, long end) {
        public static Extent of(Consumer<byte[], byte[]> consumer, TopicPartition ledger) {
            Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(List.of(ledger));
            Map<TopicPartition, Long> ends = consumer.endOffsets(List.of(ledger));
            return new Extent(beginnings.getOrDefault(ledger, 0L), ends.getOrDefault(ledger, 0L));
        }

        public boolean isBeheaded() {
            return beginning > 0;
        }
    }

    /// What a user is told whose ledger does not begin at offset 0.
    public static String beheaded(String topic, long beginning) {
        return "topic " + topic + " begins at offset " + beginning
                + ", but a ledger is kept from offset 0 on: retention," + " or somebody, has deleted its first records"
                + ADVICE;
    }

    /// What a user is told whose ledger ends too early.
    ///
    /// @param known offset up to which it was read before
    public static String tooShort(String topic, long end, long known) {
        return "topic " + topic + " ends at offset " + end + ", but it was read up to offset " + known
                + " before: its last records are lost, as after an unclean leader election" + ADVICE;
    }

    /// What a user is told whose ledger has other records than before.
    public static String changed(String topic, long known) {
        return "topic " + topic + " has other records below offset " + known + " than it had before: its last records"
                + " were lost and others were written in their place" + ADVICE;
    }

    /// What a user is told whose ledger misses records in its middle.
    public static String gap(String topic, long expected, long found) {
        return "topic " + topic + " has no records from offset " + expected + " to " + (found - 1)
                + ", but the offsets of a ledger follow each other" + ADVICE;
    }

    /// What a user is told whose ledger is empty where the rest of its corpus is not.
    public static String lost(String topic, String other) {
        return "topic " + topic + " is empty, but " + other
                + " has records of this corpus: the ledger is lost, with the" + " order of its runs" + ADVICE;
    }
}
