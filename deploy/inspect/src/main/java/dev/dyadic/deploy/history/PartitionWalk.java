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
        rejects.begin();
        rows.forEach(Head::begin);
    }

    public static void walk(History history, int partition, Visitor visitor) {
        new PartitionWalk(history, partition, visitor).walk();
    }

    private void walk() {
        while (true) {
            long offset = document == null ? Long.MAX_VALUE : document.offset();
            offset = Math.min(offset, rejects.document());
            for (Rows bucket : rows) {
                offset = Math.min(offset, bucket.document());
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
        while (rejects.document() == offset) {
            rejected.add(rejects.take());
        }
        List<DocumentTrail.Row> found = new ArrayList<>();
        boolean rowsMayBeGone = false;
        for (Rows bucket : rows) {
            rowsMayBeGone |= offset <= bucket.doubtUpTo();
            while (bucket.document() == offset) {
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

    /// The next record of a topic that has a part in a document.
    private abstract class Head<T> {
        final String topic;
        private final History.Cursor cursor;
        private @Nullable T next;
        private long doubtUpTo;

        Head(String topic) {
            this.topic = topic;
            this.cursor = history.open(topic, partition);
        }

        /// To be called once, when it is made.
        final void begin() {
            advance();
            doubtUpTo = doubt(topic, Optional.ofNullable(next).map(this::document));
        }

        /// @return null: the record has no part in a document
        abstract @Nullable T read(History.Entry entry) throws UnreadableRecordException;

        abstract long document(T record);

        final long doubtUpTo() {
            return doubtUpTo;
        }

        /// Offset of the document that the next record is about.
        final long document() {
            return next == null ? Long.MAX_VALUE : document(next);
        }

        final T take() {
            T taken = Objects.requireNonNull(next);
            advance();
            return taken;
        }

        private void advance() {
            next = null;
            for (History.Entry entry = cursor.next(); entry != null; entry = cursor.next()) {
                try {
                    next = read(entry);
                    if (next != null) {
                        return;
                    }
                } catch (UnreadableRecordException e) {
                    visitor.unreadable(topic, entry.offset(), String.valueOf(e.getMessage()));
                }
            }
        }
    }

    private final class Rejects extends Head<DocumentTrail.Rejected> {
        private long last = -1;

        Rejects() {
            super(history.topics().rejects());
        }

        @Override
        long document(DocumentTrail.Rejected rejected) {
            return rejected.reject().getPosition();
        }

        @Override
        DocumentTrail.@Nullable Rejected read(History.Entry entry) throws UnreadableRecordException {
            Reject reject = Codecs.REJECT.decode(entry.value().bytes());
            Optional<LostDocuments> lost = LostDocuments.of(partition, reject);
            if (lost.isPresent()) {
                visitor.lost(entry.offset(), lost.get());
                return null;
            }
            if (reject.getPosition() < last) {
                visitor.misplaced(
                        topic,
                        entry.offset(),
                        "rejects the document at offset " + reject.getPosition() + ", after that at offset " + last
                                + " was rejected: rejects were swapped or doubled");
                return null;
            }
            last = reject.getPosition();
            return new DocumentTrail.Rejected(entry.offset(), reject);
        }
    }

    private final class Rows extends Head<DocumentTrail.Row> {
        private final Bucket bucket;
        private long lastDocument = -1;
        private int lastPiece = -1;

        Rows(Bucket bucket) {
            super(history.topics().sequences(bucket));
            this.bucket = bucket;
        }

        @Override
        long document(DocumentTrail.Row row) {
            return row.document();
        }

        @Override
        DocumentTrail.@Nullable Row read(History.Entry entry) throws UnreadableRecordException {
            Sequence sequence = Codecs.SEQUENCE.decode(entry.value().bytes());
            return visitor.row(bucket, entry.offset(), sequence) && isInPlace(entry.offset(), sequence)
                    ? new DocumentTrail.Row(bucket, entry.offset(), sequence)
                    : null;
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
