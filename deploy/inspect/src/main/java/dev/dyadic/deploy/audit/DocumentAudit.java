package dev.dyadic.deploy.audit;

import dev.dyadic.deploy.history.History;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.Wholes;
import dev.dyadic.proto.avro.Reject;
import dev.dyadic.proto.avro.Sequence;
import dev.dyadic.sampler.segments.RowDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// From documents to sequences and rejects: Laws 1 and 2, and of Law 3 that the log is what the decomposer wrote. Holds
/// the facts of one partition's documents at a time, and no tokens.
final class DocumentAudit {
    private final History history;
    private final CorpusSettings settings;
    private final Findings findings;
    private final RowLog rows = new RowLog();
    private long accepted;
    private long acceptedBytes;
    private long decomposed;
    private long rejected;
    private long outcomeBytes;
    private long tokens;
    private long inSequences;
    private long pending;

    /// What is known of a document.
    private static final class Facts {
        final int bytes;
        final List<PieceFacts> pieces = new ArrayList<>();

        @Nullable
        String rejectedAt;

        Facts(int bytes) {
            this.bytes = bytes;
        }
    }

    private record PieceFacts(
            int piece,
            int pieces,
            int start,
            int tokens,
            int documentTokens,
            int documentBytes,
            String id,
            String whole,
            long wholeDigest,
            String at) {}

    DocumentAudit(History history, Findings findings) {
        this.history = history;
        this.settings = history.settings();
        this.findings = findings;
    }

    RowLog audit() {
        for (int partition = 0; partition < settings.partitions(); partition++) {
            auditPartition(partition);
        }
        findings.summary(
                Law.CONSERVATION,
                accepted + " documents = " + decomposed + " decomposed + " + rejected + " rejected; " + acceptedBytes
                        + " bytes = " + outcomeBytes + " bytes; " + tokens + " tokens = " + inSequences
                        + " in sequences + " + (tokens - inSequences) + " in tails"
                        + (pending == 0 ? "" : "; " + pending + " documents are pending"));
        findings.summary(
                Law.SINGLE_ORIGIN,
                "the pieces of " + decomposed + " documents follow each other without gap or overlap");
        return rows;
    }

    private void auditPartition(int partition) {
        NavigableMap<Long, Facts> documents = new TreeMap<>();
        long end = history.decomposedUpTo(partition);
        history.read(history.topics().documents(), partition, (offset, _, value) -> {
            if (offset < end) {
                documents.put(offset, new Facts(value.bytes().length));
                accepted++;
                acceptedBytes += value.bytes().length;
            } else {
                pending++;
            }
        });
        readRejects(partition, end, documents);
        Buckets buckets = settings.buckets();
        for (Bucket bucket : buckets) {
            readSequences(bucket, partition, end, documents);
        }
        documents.forEach((offset, facts) -> checkOutcome(partition, offset, facts));
        checkIds(partition, documents);
    }

    /// An id is decomposed once, and one text of a whole: a document that comes with it again is a duplicate.
    private void checkIds(int partition, NavigableMap<Long, Facts> documents) {
        String topic = history.topics().documents();
        Map<String, Long> offsets = new HashMap<>();
        Map<String, PieceFacts> wholes = new HashMap<>();
        documents.forEach((offset, facts) -> {
            if (!facts.pieces.isEmpty()) {
                PieceFacts first = facts.pieces.getFirst();
                Long before = offsets.putIfAbsent(first.id(), offset);
                if (before != null) {
                    findings.breach(
                            Law.CONSERVATION,
                            first.at() + ": document " + first.id() + " of " + at(topic, partition, offset)
                                    + " was decomposed before, at " + at(topic, partition, before)
                                    + ": its text is there twice");
                }
                PieceFacts other = wholes.putIfAbsent(first.whole(), first);
                if (other != null && other.wholeDigest() != first.wholeDigest()) {
                    findings.breach(
                            Law.CONSERVATION,
                            first.at() + ": document " + first.id() + " is a part of another text of "
                                    + first.whole() + " than " + other.id() + ", at " + other.at()
                                    + ": two texts of one id are there");
                }
            }
        });
    }

    private void readRejects(int partition, long end, NavigableMap<Long, Facts> documents) {
        String topic = history.topics().rejects();
        history.read(topic, partition, (offset, _, value) -> {
            String at = at(topic, partition, offset);
            try {
                Reject reject = Codecs.REJECT.decode(value.bytes());
                if (reject.getPosition() >= end) {
                    return;
                }
                Facts facts = documents.get(reject.getPosition());
                if (facts == null) {
                    findings.breach(
                            Law.CONSERVATION,
                            at + ": rejects a document at offset " + reject.getPosition() + ", where there is none");
                } else if (facts.rejectedAt != null) {
                    findings.breach(
                            Law.CONSERVATION,
                            at + ": rejects the document at offset " + reject.getPosition() + " a second time, after "
                                    + facts.rejectedAt);
                } else {
                    facts.rejectedAt = at;
                    rejected++;
                    addBytes(facts, reject.getDocumentBytes(), at);
                }
            } catch (UnreadableRecordException e) {
                findings.breach(Law.CONSERVATION, at + ": " + e.getMessage());
            }
        });
    }

    private void readSequences(Bucket bucket, int partition, long end, NavigableMap<Long, Facts> documents) {
        String topic = history.topics().sequences(bucket);
        long[] previous = {-1, -1};
        history.read(topic, partition, (offset, _, value) -> {
            String at = at(topic, partition, offset);
            try {
                Sequence sequence = Codecs.SEQUENCE.decode(value.bytes());
                if (addRow(bucket, partition, offset, at, sequence) && sequence.getDocumentOffset() < end) {
                    checkPlace(at, sequence, previous);
                    addPiece(at, sequence, documents);
                }
            } catch (UnreadableRecordException e) {
                findings.breach(Law.PURE_BATCHES, at + ": " + e.getMessage());
            }
        });
    }

    /// Keeps the row as a sampler would.
    private boolean addRow(Bucket bucket, int partition, long offset, String at, Sequence sequence) {
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

    /// The decomposer takes documents in order, and their pieces too.
    private void checkPlace(String at, Sequence sequence, long[] previous) {
        long document = sequence.getDocumentOffset();
        if (document < previous[0] || (document == previous[0] && sequence.getPiece() <= previous[1])) {
            findings.breach(
                    Law.PURE_BATCHES,
                    at + ": piece " + sequence.getPiece() + " of the document at offset " + document
                            + " comes after piece " + previous[1] + " of that at offset " + previous[0]
                            + ": rows were swapped or doubled");
        }
        previous[0] = document;
        previous[1] = sequence.getPiece();
    }

    private void addPiece(String at, Sequence sequence, NavigableMap<Long, Facts> documents) {
        Facts facts = documents.get(sequence.getDocumentOffset());
        if (facts == null) {
            findings.breach(
                    Law.SINGLE_ORIGIN,
                    at + ": comes from a document at offset " + sequence.getDocumentOffset() + ", where there is none");
            return;
        }
        facts.pieces.add(new PieceFacts(
                sequence.getPiece(),
                sequence.getPieces(),
                sequence.getStart(),
                settings.layout().rowTokens(Bucket.of(sequence.getLog2())),
                sequence.getDocumentTokens(),
                sequence.getDocumentBytes(),
                sequence.getDocumentId(),
                Wholes.idOf(sequence),
                sequence.getWholeDigest(),
                at));
    }

    private void checkOutcome(int partition, long offset, Facts facts) {
        String document = at(history.topics().documents(), partition, offset);
        if (facts.pieces.isEmpty()) {
            if (facts.rejectedAt == null) {
                findings.breach(Law.CONSERVATION, document + ": neither decomposed nor rejected: it is lost");
            }
            return;
        }
        if (facts.rejectedAt != null) {
            findings.breach(
                    Law.CONSERVATION,
                    document + ": decomposed at " + facts.pieces.getFirst().at() + ", and rejected at "
                            + facts.rejectedAt);
        }
        facts.pieces.sort(Comparator.comparingInt(PieceFacts::start).thenComparingInt(PieceFacts::piece));
        PieceFacts first = facts.pieces.getFirst();
        decomposed++;
        tokens += first.documentTokens();
        addBytes(facts, first.documentBytes(), first.at());
        int expectedStart = 0;
        int expectedPiece = 0;
        for (PieceFacts piece : facts.pieces) {
            if (!piece.id().equals(first.id()) || piece.documentTokens() != first.documentTokens()) {
                findings.breach(Law.SINGLE_ORIGIN, piece.at() + ": says another document than " + first.at());
            }
            if (piece.start() < expectedStart) {
                findings.breach(
                        Law.SINGLE_ORIGIN,
                        piece.at() + ": piece " + piece.piece() + " of " + document + " starts at token "
                                + piece.start() + ", but tokens up to " + expectedStart + " stand in another sequence");
            } else if (piece.start() > expectedStart || piece.piece() != expectedPiece) {
                findings.breach(
                        Law.CONSERVATION,
                        piece.at() + ": expected piece " + expectedPiece + " of " + document + " at token "
                                + expectedStart + ", but found piece " + piece.piece() + " at token " + piece.start()
                                + ": a row is lost");
            }
            inSequences += piece.tokens();
            expectedStart = piece.start() + piece.tokens();
            expectedPiece = piece.piece() + 1;
        }
        PieceFacts last = facts.pieces.getLast();
        int tail = last.documentTokens() - expectedStart;
        int shortest = settings.layout().rowTokens(settings.buckets().min());
        if (expectedPiece != last.pieces() || tail < 0 || tail >= shortest) {
            findings.breach(
                    Law.CONSERVATION,
                    document + ": has " + last.pieces() + " pieces and " + last.documentTokens()
                            + " tokens, but its last piece, at "
                            + last.at() + ", is number " + last.piece() + " and leaves " + tail
                            + " tokens: a row is lost");
        }
    }

    private void addBytes(Facts facts, int bytes, String at) {
        outcomeBytes += bytes;
        if (bytes != facts.bytes) {
            findings.breach(
                    Law.CONSERVATION, at + ": counts " + bytes + " bytes of a document that has " + facts.bytes);
        }
    }

    static String at(String topic, int partition, long offset) {
        return topic + " partition " + partition + " offset " + offset;
    }
}
