package dev.dyadic.proto.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.LedgerHeaders;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/// Ledger records as Kafka carries them: the content in the value, and [LedgerHeaders] in headers.
public final class LedgerRecords {
    /// A number that cannot be read promises nothing: no program knows enough.
    private static final int UNREADABLE_VERSION = Integer.MAX_VALUE;

    private LedgerRecords() {}

    public static ProducerRecord<byte[], byte[]> of(
            TopicPartition ledger, LedgerHeaders headers, SpecificRecordBase record) {
        ProducerRecord<byte[], byte[]> made =
                new ProducerRecord<>(ledger.topic(), ledger.partition(), null, LedgerCodec.encode(record));
        headers.runId().ifPresent(id -> made.headers().add(LedgerHeaders.RUN_ID, text(id)));
        headers.runName().ifPresent(name -> made.headers().add(LedgerHeaders.RUN_NAME, name.getBytes(UTF_8)));
        headers.orderVersion().ifPresent(version -> made.headers().add(LedgerHeaders.ORDER_VERSION, text(version)));
        return made;
    }

    public static LedgerHeaders headers(Headers headers) {
        Optional<String> version = value(headers, LedgerHeaders.ORDER_VERSION);
        return new LedgerHeaders(
                value(headers, LedgerHeaders.RUN_ID)
                        .map(LedgerRecords::number)
                        .filter(OptionalLong::isPresent)
                        .orElse(OptionalLong.empty()),
                value(headers, LedgerHeaders.RUN_NAME),
                version.isEmpty() ? OptionalInt.empty() : OptionalInt.of(version(number(version.get()))));
    }

    private static int version(OptionalLong number) {
        return number.isPresent() && number.getAsLong() >= 0 && number.getAsLong() < UNREADABLE_VERSION
                ? (int) number.getAsLong()
                : UNREADABLE_VERSION;
    }

    private static Optional<String> value(Headers headers, String key) {
        Header header = headers.lastHeader(key);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), UTF_8));
    }

    private static OptionalLong number(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static byte[] text(long number) {
        return Long.toString(number).getBytes(UTF_8);
    }
}
