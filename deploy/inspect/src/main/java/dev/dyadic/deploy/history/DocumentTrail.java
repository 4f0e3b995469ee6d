package dev.dyadic.deploy.history;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.avro.Reject;
import dev.dyadic.proto.avro.Sequence;
import java.util.List;

/// All that is there of one document.
///
/// @param offset on the documents topic
/// @param bytes of the document's record; [#NO_DOCUMENT]: it is not there
/// @param isBeforeBeginning whether documents at this offset are gone, or left out
/// @param rowsMayBeGone whether rows of it may be gone, or left out, because their topic begins later
/// @param rejectMayBeGone the same for a reject of it
/// @param rejects of it, without those that are misplaced
/// @param rows of it, by bucket
public record DocumentTrail(
        long offset,
        int bytes,
        boolean isBeforeBeginning,
        boolean rowsMayBeGone,
        boolean rejectMayBeGone,
        List<Rejected> rejects,
        List<Row> rows) {
    public static final int NO_DOCUMENT = -1;

    /// A row at its place on the topic of its bucket.
    public record Row(Bucket bucket, long offset, Sequence sequence) {
        long document() {
            return sequence.getDocumentOffset();
        }
    }

    /// A reject at its place.
    public record Rejected(long offset, Reject reject) {}

    /// Whether nothing is there of what became of it, and that may be gone.
    public boolean outcomeMayBeGone() {
        return rows.isEmpty() && rejects.isEmpty() && (rowsMayBeGone || rejectMayBeGone);
    }

    /// Whether as many rows are there as the document was cut into.
    public boolean hasAllRows() {
        return !rows.isEmpty() && rows.size() == rows.getFirst().sequence().getPieces();
    }

    public DocumentTrail {
        rejects = List.copyOf(rejects);
        rows = List.copyOf(rows);
    }
}
