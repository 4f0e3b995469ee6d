package dev.dyadic.deploy.audit;

import dev.dyadic.deploy.history.DocumentTrail;
import dev.dyadic.deploy.history.History;
import dev.dyadic.deploy.history.PartitionWalk;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.LostDocuments;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.Wholes;
import dev.dyadic.proto.avro.Reject;
import dev.dyadic.proto.avro.Sequence;
import dev.dyadic.sampler.segments.RowDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// From documents to sequences and rejects: Laws 1 and 2, and of Law 3 that the log is what the decomposer wrote. Holds
/// one document at a time.
///
/// What lies before the beginning of a topic is gone with retention, and no Law says that it stays. So the sums are
/// over
/// what is there: a document whose rows may be gone in part is counted apart, and so is what came of documents that are
/// gone themselves.
final class DocumentAudit {
    private final History history;
    private final CorpusSettings settings;
    private final Findings findings;
    private final Spill ids;
    private final RowLog rows;
    private long accepted;
    private long acceptedBytes;
    private long decomposed;
    private long rejected;
    private long outcomeBytes;
    private long tokens;
    private long inSequences;
    private long pending;
    private long trimmed;
    private long trimmedBytes;
    private long ofGoneDocuments;
    private long lostOffsets;

    /// @param rows where rows are kept
    /// @param ids where ids are kept, of one partition at a time
    DocumentAudit(History history, Findings findings, Spill rows, Spill ids) {
        this.history = history;
        this.settings = history.settings();
        this.findings = findings;
        this.ids = ids;
        this.rows = new RowLog(rows);
    }

    RowLog audit() {
        for (int partition = 0; partition < settings.partitions(); partition++) {
            new PartitionAudit(partition).audit();
        }
        findings.summary(
                Law.CONSERVATION,
                accepted + " documents = " + decomposed + " decomposed + " + rejected + " rejected"
                        + (trimmed == 0 ? "" : " + " + trimmed + " whose rows are gone in part or whole") + "; "
                        + acceptedBytes + " bytes = " + outcomeBytes + " bytes"
                        + (trimmedBytes == 0 ? "" : " + " + trimmedBytes + " of those") + "; " + tokens + " tokens = "
                        + inSequences + " in sequences + " + (tokens - inSequences) + " in tails"
                        + (pending == 0 ? "" : "; " + pending + " documents are pending")
                        + (ofGoneDocuments == 0
                                ? ""
                                : "; rows and rejects of " + ofGoneDocuments
                                        + " documents are there whose records are gone or left out")
                        + (lostOffsets == 0
                                ? ""
                                : "; at most " + lostOffsets + " documents were lost before they were decomposed"));
        findings.summary(
                Law.SINGLE_ORIGIN,
                "the pieces of " + decomposed + " documents follow each other without gap or overlap");
        return rows;
    }

    static String at(String topic, int partition, long offset) {
        return topic + " partition " + partition + " offset " + offset;
    }

    /// One partition, visited document by document.
    private final class PartitionAudit implements PartitionWalk.Visitor {
        private final int partition;
        private final SeenIds seen = new SeenIds(ids);
        private final List<LostDocuments> lost = new ArrayList<>();
        private long lostEnd;
        private final String documents = history.topics().documents();

        PartitionAudit(int partition) {
            this.partition = partition;
        }

        void audit() {
            PartitionWalk.walk(history, partition, this);
            seen.end(new SeenIds.Doubles() {
                @Override
                public void id(long first, long second) {
                    findings.breach(
                            Law.CONSERVATION,
                            document(second) + " has the id of " + document(first)
                                    + ", which was decomposed before: its text is there twice");
                }

                @Override
                public void text(long first, long second) {
                    findings.breach(
                            Law.CONSERVATION,
                            document(second) + " is a part of another text than " + document(first)
                                    + ", with the same id: two texts of one id are there");
                }
            });
        }

        private String document(long offset) {
            return at(documents, partition, offset);
        }

        private String row(DocumentTrail.Row row) {
            return at(history.topics().sequences(row.bucket()), partition, row.offset());
        }

        @Override
        public void pending(long offset) {
            pending++;
        }

        @Override
        public void lost(long offset, LostDocuments range) {
            lostOffsets += range.most();
            if (range.from() < lostEnd) {
                findings.breach(
                        Law.CONSERVATION,
                        at(history.topics().rejects(), partition, offset) + ": says that " + range
                                + ", but those up to " + lostEnd + " are said to be lost already");
            }
            lostEnd = Math.max(lostEnd, range.end());
            lost.add(range);
            findings.note(Law.CONSERVATION, range.toString());
        }

        @Override
        public void unreadable(String topic, long offset, String reason) {
            Law law = topic.equals(history.topics().rejects()) ? Law.CONSERVATION : Law.PURE_BATCHES;
            findings.breach(law, at(topic, partition, offset) + ": " + reason);
        }

        @Override
        public void misplaced(String topic, long offset, String what) {
            boolean isReject = topic.equals(history.topics().rejects());
            findings.breach(isReject ? Law.CONSERVATION : Law.PURE_BATCHES, at(topic, partition, offset) + ": " + what);
            if (!isReject) {
                findings.breach(Law.SINGLE_ORIGIN, at(topic, partition, offset) + ": " + what);
            }
        }

        /// Keeps the row as a sampler would.
        @Override
        public boolean row(Bucket bucket, long offset, Sequence sequence) {
            String at = at(history.topics().sequences(bucket), partition, offset);
            int rowBytes = settings.rowBytes(bucket);
            if (sequence.getLog2() != bucket.log2() || sequence.getTokens().remaining() != rowBytes) {
                findings.breach(
                        Law.ONE_LENGTH,
                        at + ": expected a sequence of length " + bucket.length() + " in " + rowBytes
                                + " bytes, but it has length 2^" + sequence.getLog2() + " in "
                                + sequence.getTokens().remaining() + " bytes");
                return false;
            }
            byte[] bytes = new byte[rowBytes];
            sequence.getTokens().duplicate().get(bytes);
            long contentHash = Digests.xxh64(bytes);
            if (contentHash != sequence.getDigest()) {
                findings.breach(
                        Law.PURE_BATCHES,
                        at + ": the tokens have digest " + Long.toHexString(contentHash) + ", but "
                                + Long.toHexString(sequence.getDigest()) + " was written: they were altered");
            }
            Split split = settings.splitOf(Wholes.idOf(sequence));
            if (!split.text().equals(sequence.getSplit())) {
                findings.breach(
                        Law.SINGLE_ORIGIN,
                        at + ": document " + sequence.getDocumentId() + " belongs to split " + split.text()
                                + ", but stands in " + sequence.getSplit());
            }
            rows.add(
                    bucket,
                    sequence.getSource(),
                    split,
                    partition,
                    offset,
                    contentHash,
                    RowDigest.inLog(contentHash, offset));
            return true;
        }

        @Override
        public void document(DocumentTrail trail) {
            lost.removeIf(range -> range.end() <= trail.offset());
            if (!lost.isEmpty() && lost.getFirst().from() <= trail.offset()) {
                findings.breach(Law.CONSERVATION, document(trail.offset()) + " has an outcome, but " + lost.getFirst());
            }
            boolean isThere = trail.bytes() != DocumentTrail.NO_DOCUMENT;
            if (!isThere && trail.isBeforeBeginning()) {
                ofGoneDocuments++;
                return;
            }
            if (!isThere) {
                noDocument(trail);
                return;
            }
            accepted++;
            acceptedBytes += trail.bytes();
            for (int i = 1; i < trail.rejects().size(); i++) {
                findings.breach(
                        Law.CONSERVATION,
                        reject(trail, i) + ": rejects " + document(trail.offset()) + " a second time, after "
                                + reject(trail, 0));
            }
            if (!trail.rows().isEmpty()) {
                decomposed(trail);
            } else if (!trail.rejects().isEmpty()) {
                Reject reject = trail.rejects().getFirst().reject();
                rejected++;
                addBytes(trail, reject.getDocumentBytes(), reject(trail, 0));
            } else if (trail.outcomeMayBeGone()) {
                trim(trail);
            } else {
                findings.breach(
                        Law.CONSERVATION, document(trail.offset()) + ": neither decomposed nor rejected: it is lost");
            }
        }

        private String reject(DocumentTrail trail, int number) {
            return at(
                    history.topics().rejects(),
                    partition,
                    trail.rejects().get(number).offset());
        }

        private void trim(DocumentTrail trail) {
            trimmed++;
            trimmedBytes += trail.bytes();
        }

        private void noDocument(DocumentTrail trail) {
            for (int i = 0; i < trail.rejects().size(); i++) {
                findings.breach(
                        Law.CONSERVATION,
                        reject(trail, i) + ": rejects a document at offset " + trail.offset()
                                + ", where there is none");
            }
            for (DocumentTrail.Row row : trail.rows()) {
                findings.breach(
                        Law.SINGLE_ORIGIN,
                        row(row) + ": comes from a document at offset " + trail.offset() + ", where there is none");
            }
        }

        private void decomposed(DocumentTrail trail) {
            List<DocumentTrail.Row> pieces = new ArrayList<>(trail.rows());
            pieces.sort(Comparator.comparingInt(
                            (DocumentTrail.Row row) -> row.sequence().getStart())
                    .thenComparingInt(row -> row.sequence().getPiece()));
            DocumentTrail.Row first = pieces.getFirst();
            if (!trail.rejects().isEmpty()) {
                findings.breach(
                        Law.CONSERVATION,
                        document(trail.offset()) + ": decomposed at " + row(first) + ", and rejected at "
                                + reject(trail, 0));
            }
            Sequence told = first.sequence();
            seen.add(told.getDocumentId(), Wholes.idOf(told), told.getWholeDigest(), trail.offset());
            boolean isWhole = requireFollowing(trail, pieces);
            if (!isWhole && trail.rowsMayBeGone()) {
                trim(trail);
                return;
            }
            decomposed++;
            tokens += told.getDocumentTokens();
            addBytes(trail, told.getDocumentBytes(), row(first));
            pieces.forEach(row -> inSequences += settings.layout().rowTokens(row.bucket()));
        }

        /// @return whether all pieces are there
        private boolean requireFollowing(DocumentTrail trail, List<DocumentTrail.Row> pieces) {
            Sequence told = pieces.getFirst().sequence();
            boolean isWhole = true;
            int expectedStart = 0;
            int expectedPiece = 0;
            for (DocumentTrail.Row row : pieces) {
                Sequence piece = row.sequence();
                if (!piece.getDocumentId().equals(told.getDocumentId())
                        || piece.getDocumentTokens() != told.getDocumentTokens()) {
                    findings.breach(
                            Law.SINGLE_ORIGIN, row(row) + ": says another document than " + row(pieces.getFirst()));
                }
                if (piece.getStart() < expectedStart) {
                    findings.breach(
                            Law.SINGLE_ORIGIN,
                            row(row) + ": piece " + piece.getPiece() + " of " + document(trail.offset())
                                    + " starts at token " + piece.getStart() + ", but tokens up to " + expectedStart
                                    + " stand in another sequence");
                } else if (piece.getStart() > expectedStart || piece.getPiece() != expectedPiece) {
                    isWhole = false;
                    lostRow(
                            trail,
                            row(row) + ": expected piece " + expectedPiece + " of " + document(trail.offset())
                                    + " at token " + expectedStart + ", but found piece " + piece.getPiece()
                                    + " at token " + piece.getStart() + ": a row is lost");
                }
                expectedStart = piece.getStart() + settings.layout().rowTokens(row.bucket());
                expectedPiece = piece.getPiece() + 1;
            }
            DocumentTrail.Row last = pieces.getLast();
            int tail = last.sequence().getDocumentTokens() - expectedStart;
            int shortest = settings.layout().rowTokens(settings.buckets().min());
            if (expectedPiece != last.sequence().getPieces() || tail < 0 || tail >= shortest) {
                isWhole = false;
                lostRow(
                        trail,
                        document(trail.offset()) + ": has " + last.sequence().getPieces() + " pieces and "
                                + last.sequence().getDocumentTokens() + " tokens, but its last piece, at " + row(last)
                                + ", is number " + last.sequence().getPiece() + " and leaves " + tail
                                + " tokens: a row is lost");
            }
            return isWhole;
        }

        /// What retention took is not lost.
        private void lostRow(DocumentTrail trail, String what) {
            if (!trail.rowsMayBeGone()) {
                findings.breach(Law.CONSERVATION, what);
            }
        }

        private void addBytes(DocumentTrail trail, int bytes, String at) {
            outcomeBytes += bytes;
            if (bytes != trail.bytes()) {
                findings.breach(
                        Law.CONSERVATION, at + ": counts " + bytes + " bytes of a document that has " + trail.bytes());
            }
        }
    }
}
