package dev.dyadic.proto;

import dev.dyadic.proto.avro.Reject;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Offsets of a partition of the documents topic that retention, or somebody, deleted before they were decomposed. How
/// many documents they were nobody knows: the ends of transactions have offsets too. They stand on the rejects topic,
/// so that they leave no sum in silence.
///
/// @param from the first offset that is gone
/// @param end after the last one
public record LostDocuments(String topic, int partition, long from, long end) {
    private static final String STAGE = "retention";
    private static final String REASON = "lost";

    public LostDocuments {
        if (from < 0 || from >= end) {
            throw new IllegalArgumentException("a gap must satisfy 0 <= from < end, but was " + from + ", " + end);
        }
    }

    /// More documents than this are not among them.
    public long most() {
        return end - from;
    }

    public Reject toReject() {
        return Reject.newBuilder()
                .setStage(STAGE)
                .setReason(REASON)
                .setDetail(toString())
                .setOrigin(topic)
                .setPosition(from)
                .setDocumentBytes(0)
                .setRecord(ByteBuffer.allocate(0))
                .setEndPosition(end)
                .build();
    }

    /// @param partition of the rejects topic that the record is on, which is that of the documents
    /// @return empty: the record rejects a document
    public static Optional<LostDocuments> of(int partition, Reject reject) {
        return reject.getEndPosition() < 0
                ? Optional.empty()
                : Optional.of(new LostDocuments(
                        reject.getOrigin(), partition, reject.getPosition(), reject.getEndPosition()));
    }

    @Override
    public String toString() {
        return "offsets " + from + " to " + (end - 1) + " of " + topic + " partition " + partition
                + " were deleted before they were decomposed: at most " + most() + " documents are lost";
    }
}
