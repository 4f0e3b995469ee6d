package dev.dyadic.deploy.history;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.LostDocuments;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.avro.Reject;
import dev.dyadic.proto.avro.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Walks through one partition of a corpus, document by document: all topics are read side by side, in the order of
/// the documents they are about, so that memory holds one document at a time, however many there are.
///
/// Rows and rejects stand in the order of their documents. One that does not is told of, and has no part in its
/// document.
public final class PartitionWalk {
    private final History history;
    private final int partition;
    private final Visitor visitor;
    private final long decomposedUpTo;
    private final History.Cursor documents;
    private final Rejects rejects;
    private final List<Rows> rows = new ArrayList<>();
    private final long firstDocument;
    private History.@Nullable Entry document;

    /// Told of what is there.
    public interface Visitor {
        /// A row, of whatever document, in the order of its topic.
        ///
        /// @return false: it is not one of its topic, and has no part in its document
        boolean row(Bucket bucket, long offset, Sequence sequence);

        /// A record that cannot be read.
        void unreadable(String topic, long offset, String reason);

        /// A row or a reject that comes after those of a later document, or after one that is the same.
        void misplaced(String topic, long offset, String what);

        /// All that is there of a document.
        void document(DocumentTrail trail);

        /// A document that the decomposer has not come to.
        void pending(long offset);

        /// Documents that nobody decomposed.
        void lost(long offset, LostDocuments range);
    }

    private PartitionWalk(History history, int partition, Visitor visitor) {
        this.history = history;
        this.partition = partition;
        this.visitor = visitor;
        this.decomposedUpTo = history.decomposedUpTo(partition);
        String topic = history.topics().documents();
        this.firstDocument = history.beginning(topic, partition).offset();
        this.documents = history.open(topic, partition);
        this.document = documents.next();
        this.rejects = new Rejects();
        for (Bucket bucket : history.settings().buckets()) {
            rows.add(new Rows(bucket));
        }
    }

    public static void walk(History history, int partition, Visitor visitor) {
        new PartitionWalk(history, partition, visitor).walk();
    }

    private void walk() {
        while (true) {
            long offset = document == null ? Long.MAX_VALUE : document.offset();
            offset = Math.min(offset, rejects.head());
            for (Rows bucket : rows) {
                offset = Math.min(offset, bucket.head());
            }
            if (offset == Long.MAX_VALUE) {
                return;
            }
            visit(offset);
        }
    }

    private void visit(long offset) {
        int bytes = DocumentTrail.NO_DOCUMENT;
        if (document != null && document.offset() == offset) {
            bytes = document.value().bytes().length;
            document = documents.next();
        }
        List<DocumentTrail.Rejected> rejected = new ArrayList<>();
        while (rejects.head() == offset) {
            rejected.add(rejects.take());
        }
        List<DocumentTrail.Row> found = new ArrayList<>();
        boolean rowsMayBeGone = false;
        for (Rows bucket : rows) {
            rowsMayBeGone |= offset <= bucket.doubtUpTo();
            while (bucket.head() == offset) {
                found.add(bucket.take());
            }
        }
        if (offset < decomposedUpTo) {
            visitor.document(new DocumentTrail(
                    offset,
                    bytes,
                    offset < firstDocument,
                    rowsMayBeGone,
                    offset <= rejects.doubtUpTo(),
                    rejected,
                    found));
        } else if (bytes != DocumentTrail.NO_DOCUMENT) {
            visitor.pending(offset);
        }
    }

    /// The last document some of whose records may be gone, or left out, before what is there of a topic begins.
    ///
    /// @param first that is there; empty: none
    private long doubt(String topic, Optional<Long> first) {
        History.Beginning beginning = history.beginning(topic, partition);
        if (beginning.offset() == 0) {
            return -1;
        }
        if (beginning.before() != null) {
            return documentOf(topic, beginning.before());
        }
        return first.orElse(decomposedUpTo);
    }

    private long documentOf(String topic, History.Value value) {
        try {
            return topic.equals(history.topics().rejects())
                    ? Codecs.REJECT.decode(value.bytes()).getPosition()
                    : Codecs.SEQUENCE.decode(value.bytes()).getDocumentOffset();
        } catch (UnreadableRecordException e) {
            return decomposedUpTo;
        }
    }

    private final class Rejects {
        private final String topic = history.topics().rejects();
        private final History.Cursor cursor = history.open(topic, partition);
        private final long doubtUpTo;
        private DocumentTrail.@Nullable Rejected next;
        private long last = -1;

        Rejects() {
            advance();
            doubtUpTo = doubt(
                    topic,
                    Optional.ofNullable(next).map(reject -> reject.reject().getPosition()));
        }

        long doubtUpTo() {
            return doubtUpTo;
        }

        long head() {
            return next == null ? Long.MAX_VALUE : next.reject().getPosition();
        }

        DocumentTrail.Rejected take() {
            DocumentTrail.Rejected taken = Objects.requireNonNull(next);
            advance();
            return taken;
        }

        private void advance() {
            next = null;
            for (History.Entry entry = cursor.next(); entry != null; entry = cursor.next()) {
                try {
                    Reject reject = Codecs.REJECT.decode(entry.value().bytes());
                    Optional<LostDocuments> lost = LostDocuments.of(partition, reject);
                    if (lost.isPresent()) {
                        visitor.lost(entry.offset(), lost.get());
                    } else if (reject.getPosition() < last) {
                        visitor.misplaced(
                                topic,
                                entry.offset(),
                                "rejects the document at offset " + reject.getPosition() + ", after that at offset "
                                        + last + " was rejected: rejects were swapped or doubled");
                    } else {
                        last = reject.getPosition();
                        next = new DocumentTrail.Rejected(entry.offset(), reject);
                        return;
                    }
                } catch (UnreadableRecordException e) {
                    visitor.unreadable(topic, entry.offset(), String.valueOf(e.getMessage()));
                }
            }
        }
    }

    private final class Rows {
        private final Bucket bucket;
        private final String topic;
        private final History.Cursor cursor;
        private final long doubtUpTo;
        private DocumentTrail.@Nullable Row next;
        private long lastDocument = -1;
        private int lastPiece = -1;

        Rows(Bucket bucket) {
            this.bucket = bucket;
            this.topic = history.topics().sequences(bucket);
            this.cursor = history.open(topic, partition);
            advance();
            doubtUpTo = doubt(topic, Optional.ofNullable(next).map(DocumentTrail.Row::document));
        }

        long doubtUpTo() {
            return doubtUpTo;
        }

        long head() {
            return next == null ? Long.MAX_VALUE : next.document();
        }

        DocumentTrail.Row take() {
            DocumentTrail.Row taken = Objects.requireNonNull(next);
            advance();
            return taken;
        }

        private void advance() {
            next = null;
            for (History.Entry entry = cursor.next(); entry != null; entry = cursor.next()) {
                try {
                    Sequence sequence = Codecs.SEQUENCE.decode(entry.value().bytes());
                    if (visitor.row(bucket, entry.offset(), sequence) && isInPlace(entry.offset(), sequence)) {
                        next = new DocumentTrail.Row(bucket, entry.offset(), sequence);
                        return;
                    }
                } catch (UnreadableRecordException e) {
                    visitor.unreadable(topic, entry.offset(), String.valueOf(e.getMessage()));
                }
            }
        }

        /// The decomposer takes documents in order, and their pieces too.
        private boolean isInPlace(long offset, Sequence sequence) {
            long document = sequence.getDocumentOffset();
            int piece = sequence.getPiece();
            if (document < lastDocument || (document == lastDocument && piece <= lastPiece)) {
                visitor.misplaced(
                        topic,
                        offset,
                        "piece " + piece + " of the document at offset " + document + " comes after piece " + lastPiece
                                + " of that at offset " + lastDocument + ": rows were swapped or doubled");
                return false;
            }
            lastDocument = document;
            lastPiece = piece;
            return true;
        }
    }
}
