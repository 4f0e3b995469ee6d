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

    /// The id of a part.
    ///
    /// @param part from 0
    public static String partId(String wholeId, int part) {
        return wholeId + PART + part;
    }

    /// Whether an id has the form of that of a part.
    public static boolean isPart(String id) {
        int at = id.lastIndexOf(PART);
        return at > 0
                && at + PART.length() < id.length()
                && id.substring(at + PART.length()).chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /// The whole's id in the id of a part; the same id where it is none.
    public static String wholeOf(String id) {
        return isPart(id) ? id.substring(0, id.lastIndexOf(PART)) : id;
    }

    /// What all parts of one text have in common, and those of another text with the same id have not.
    public static String versionOf(String wholeId, long wholeDigest) {
        return wholeId + "\0" + Long.toHexString(wholeDigest);
    }
}
