package dev.dyadic.deploy.stats;

import dev.dyadic.deploy.history.DocumentTrail;
import dev.dyadic.deploy.history.History;
import dev.dyadic.deploy.history.PartitionWalk;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.LostDocuments;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.avro.Reject;
import dev.dyadic.proto.avro.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What the topics hold, counted whole.
///
/// @param documents accepted: those on the documents topic, pending ones apart
/// @param lost ranges of documents that were deleted before they were decomposed, the first few
/// @param refused lines that ingest did not accept, by reason
/// @param unreadable records on the length and rejects topics that are not what they should be
public record CorpusStats(
        Documents documents,
        List<String> lost,
        Tokens tokens,
        List<BucketStats> buckets,
        Averages averages,
        Map<String, Long> rejectsByReason,
        Map<String, Long> refused,
        long unreadable) {
    private static final int MAX_RANGES = 20;

    /// Documents that are there: accepted = decomposed + rejected + trimmed, in number and in bytes.
    ///
    /// @param trimmed documents that are there, and whose rows are gone with retention, in part or whole
    /// @param gone documents that are gone, and of which rows or rejects are there
    /// @param lostAtMost documents that were deleted before they were decomposed: an upper bound
    /// @param pending published, but not decomposed yet
    /// @param bytes record values of the accepted ones
    public record Documents(
            long accepted,
            long decomposed,
            long rejected,
            long trimmed,
            long gone,
            long lostAtMost,
            long pending,
            long bytes,
            long bytesDecomposed,
            long bytesRejected,
            long bytesTrimmed) {}

    /// Tokens of the documents that are counted as decomposed.
    ///
    /// @param accepted tokens of the decomposed documents
    /// @param tails of those documents: too short for a sequence
    /// @param rejected tokens of documents that were rejected after tokenizing
    public record Tokens(long accepted, long inSequences, long tails, long rejected) {}

    public CorpusStats {
        lost = List.copyOf(lost);
        buckets = List.copyOf(buckets);
        rejectsByReason = new TreeMap<>(rejectsByReason);
        refused = new TreeMap<>(refused);
    }

    public static CorpusStats of(History history) {
        return new Counter(history).count();
    }

    private static final class Counter implements PartitionWalk.Visitor {
        private final History history;
        private final Map<String, Long> rejectsByReason = new TreeMap<>();
        private final Map<String, Long> refused = new TreeMap<>();
        private final List<String> lostRanges = new ArrayList<>();
        private final long[] sequences;
        private final long[] sequenceTokens;
        private long decomposedUpTo;
        private long accepted;
        private long pending;
        private long bytes;
        private long decomposed;
        private long bytesDecomposed;
        private long rejected;
        private long bytesRejected;
        private long trimmed;
        private long bytesTrimmed;
        private long gone;
        private long lost;
        private long documentTokens;
        private long tokensInSequences;
        private long rejectedTokens;
        private long unreadable;

        Counter(History history) {
            this.history = history;
            this.sequences = new long[history.settings().buckets().count()];
            this.sequenceTokens = new long[sequences.length];
        }

        CorpusStats count() {
            Buckets lengths = history.settings().buckets();
            for (int partition = 0; partition < history.settings().partitions(); partition++) {
                decomposedUpTo = history.decomposedUpTo(partition);
                PartitionWalk.walk(history, partition, this);
            }
            history.read(history.topics().documentRejects(), 0, (_, _, value) -> {
                try {
                    refused.merge(Codecs.REJECT.decode(value.bytes()).getReason(), 1L, Long::sum);
                } catch (UnreadableRecordException e) {
                    unreadable++;
                }
            });
            List<BucketStats> buckets = new ArrayList<>();
            for (Bucket bucket : lengths) {
                int index = lengths.indexOf(bucket);
                buckets.add(new BucketStats(
                        bucket.length(), sequences[index], sequenceTokens[index], bucket.positions(sequences[index])));
            }
            return new CorpusStats(
                    new Documents(
                            accepted,
                            decomposed,
                            rejected,
                            trimmed,
                            gone,
                            lost,
                            pending,
                            bytes,
                            bytesDecomposed,
                            bytesRejected,
                            bytesTrimmed),
                    lostRanges,
                    new Tokens(documentTokens, tokensInSequences, documentTokens - tokensInSequences, rejectedTokens),
                    buckets,
                    Averages.of(buckets),
                    rejectsByReason,
                    refused,
                    unreadable);
        }

        @Override
        public boolean row(Bucket bucket, long offset, Sequence sequence) {
            if (sequence.getDocumentOffset() < decomposedUpTo) {
                int index = history.settings().buckets().indexOf(bucket);
                sequences[index]++;
                sequenceTokens[index] += tokens(sequence);
            }
            return true;
        }

        @Override
        public void unreadable(String topic, long offset, String reason) {
            unreadable++;
        }

        @Override
        public void misplaced(String topic, long offset, String what) {
            unreadable++;
        }

        @Override
        public void pending(long offset) {
            pending++;
        }

        @Override
        public void lost(long offset, LostDocuments range) {
            lost += range.most();
            if (lostRanges.size() < MAX_RANGES) {
                lostRanges.add(range.toString());
            }
        }

        @Override
        public void document(DocumentTrail trail) {
            if (trail.bytes() == DocumentTrail.NO_DOCUMENT) {
                gone++;
                return;
            }
            accepted++;
            bytes += trail.bytes();
            if (trail.rows().isEmpty() && trail.rejects().isEmpty()) {
                if (trail.outcomeMayBeGone()) {
                    trim(trail);
                }
                return;
            }
            if (trail.rows().isEmpty()) {
                Reject reject = trail.rejects().getFirst().reject();
                rejected++;
                bytesRejected += reject.getDocumentBytes();
                rejectedTokens += reject.getDocumentTokens();
                rejectsByReason.merge(reject.getReason(), 1L, Long::sum);
            } else if (trail.rowsMayBeGone() && !trail.hasAllRows()) {
                trim(trail);
            } else {
                Sequence first = trail.rows().getFirst().sequence();
                decomposed++;
                bytesDecomposed += first.getDocumentBytes();
                documentTokens += first.getDocumentTokens();
                trail.rows().forEach(row -> tokensInSequences += tokens(row.sequence()));
            }
        }

        private void trim(DocumentTrail trail) {
            trimmed++;
            bytesTrimmed += trail.bytes();
        }

        private long tokens(Sequence sequence) {
            return sequence.getTokens().remaining()
                    / history.settings().tokenizer().tokenWidth();
        }
    }
}
