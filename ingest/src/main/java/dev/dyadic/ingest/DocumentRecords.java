package dev.dyadic.ingest;

import dev.dyadic.ingest.document.Parsed;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.Wholes;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.avro.Reject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Documents, and what is none, as they stand on Kafka.
record DocumentRecords(Topics topics) {
    private static final int MAX_DETAIL_CHARS = 1000;

    /// The place that a refused document came from.
    ///
    /// @param origin a file, or a client
    /// @param number of the entry or the message
    /// @param bytes of it, or the first of them
    /// @param wholeBytes how many there were
    record Origin(String origin, long number, ByteBuffer bytes, long wholeBytes) {}

    ProducerRecord<byte[], byte[]> document(Document document) {
        return new ProducerRecord<>(
                topics.documents(),
                Wholes.idOf(document).getBytes(StandardCharsets.UTF_8),
                Codecs.DOCUMENT.encode(document));
    }

    ProducerRecord<byte[], byte[]> refusal(Parsed.Refused refused, Origin origin) {
        ByteBuffer copy = origin.bytes().duplicate();
        copy.limit(copy.position() + Math.min(copy.remaining(), Limits.MAX_REJECT_COPY_BYTES));
        String id = refused.documentId();
        Reject reject = Reject.newBuilder()
                .setStage("ingest")
                .setReason(refused.reason())
                .setDetail(cut(refused.detail()))
                .setDocumentId(id == null ? null : cut(id))
                .setSource(null)
                .setOrigin(origin.origin())
                .setPosition(origin.number())
                .setDocumentBytes((int) Math.min(origin.wholeBytes(), Integer.MAX_VALUE))
                .setRecord(copy)
                .build();
        return new ProducerRecord<>(topics.documentRejects(), Codecs.REJECT.encode(reject));
    }

    static String cut(String text) {
        return text.length() <= MAX_DETAIL_CHARS ? text : text.substring(0, MAX_DETAIL_CHARS) + "…";
    }
}
