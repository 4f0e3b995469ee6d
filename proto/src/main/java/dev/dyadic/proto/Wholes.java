package dev.dyadic.proto;

import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.avro.Sequence;

/// Documents that were too long, and stand on Kafka in parts. All that has to be the same for all parts of one goes by
/// the id of the whole: the record key, and with it the partition, and the split.
public final class Wholes {
    private static final String PART = "#part-";

    private Wholes() {}

    /// @return its own id where it is no part
    public static String idOf(Document document) {
        String whole = document.getWholeId();
        return whole == null ? document.getId() : whole;
    }

    /// @return the id of its document where that is no part
    public static String idOf(Sequence sequence) {
        String whole = sequence.getWholeId();
        return whole == null ? sequence.getDocumentId() : whole;
    }

    /// The id that ingest gives a part.
    ///
    /// @param part from 0
    public static String partId(String wholeId, int part) {
        return wholeId + PART + part;
    }

    /// The whole's id in an id that [#partId] may have made; the same id where it has not.
    public static String wholeOf(String partId) {
        int at = partId.lastIndexOf(PART);
        boolean isPart = at > 0
                && at + PART.length() < partId.length()
                && partId.substring(at + PART.length()).chars().allMatch(c -> c >= '0' && c <= '9');
        return isPart ? partId.substring(0, at) : partId;
    }
}
