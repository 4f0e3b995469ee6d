package dev.dyadic.deploy.stats;

import dev.dyadic.deploy.history.History;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Codecs;
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
/// @param refused lines that ingest did not accept, by reason
/// @param unreadable records on the length and rejects topics that are not what they should be
public record CorpusStats(
        Documents documents,
        Tokens tokens,
        List<BucketStats> buckets,
        Averages averages,
        Map<String, Long> rejectsByReason,
        Map<String, Long> refused,
        long unreadable) {
    /// @param pending published, but not decomposed yet
    /// @param bytes record values of the accepted ones
    public record Documents(
            long accepted,
            long decomposed,
            long rejected,
            long pending,
            long bytes,
            long bytesDecomposed,
            long bytesRejected) {}

    /// @param accepted tokens of the decomposed documents
    /// @param tails of those documents: too short for a sequence
    /// @param rejected tokens of documents that were rejected after tokenizing
    public record Tokens(long accepted, long inSequences, long tails, long rejected) {}

    public CorpusStats {
        buckets = List.copyOf(buckets);
        rejectsByReason = new TreeMap<>(rejectsByReason);
        refused = new TreeMap<>(refused);
    }

    public static CorpusStats of(History history) {
        return new Counter(history).count();
    }

    private static final class Counter {
        private final History history;
        private final Map<String, Long> rejectsByReason = new TreeMap<>();
        private final Map<String, Long> refused = new TreeMap<>();
        private long accepted;
        private long pending;
        private long bytes;
        private long decomposed;
        private long bytesDecomposed;
        private long rejected;
        private long bytesRejected;
        private long documentTokens;
        private long sequenceTokens;
        private long rejectedTokens;
        private long unreadable;

        Counter(History history) {
            this.history = history;
        }

        CorpusStats count() {
            int partitions = history.settings().partitions();
            for (int partition = 0; partition < partitions; partition++) {
                countDocuments(partition);
                countRejects(partition);
            }
            history.read(history.topics().documentRejects(), 0, (_, _, value) -> {
                try {
                    refused.merge(Codecs.REJECT.decode(value.bytes()).getReason(), 1L, Long::sum);
                } catch (UnreadableRecordException e) {
                    unreadable++;
                }
            });
            List<BucketStats> buckets = new ArrayList<>();
            Buckets lengths = history.settings().buckets();
            for (Bucket bucket : lengths) {
                buckets.add(countSequences(bucket));
            }
            return new CorpusStats(
                    new Documents(accepted, decomposed, rejected, pending, bytes, bytesDecomposed, bytesRejected),
                    new Tokens(documentTokens, sequenceTokens, documentTokens - sequenceTokens, rejectedTokens),
                    buckets,
                    Averages.of(buckets),
                    rejectsByReason,
                    refused,
                    unreadable);
        }

        private void countDocuments(int partition) {
            long end = history.decomposedUpTo(partition);
            history.read(history.topics().documents(), partition, (offset, _, value) -> {
                if (offset < end) {
                    accepted++;
                    bytes += value.bytes().length;
                } else {
                    pending++;
                }
            });
        }

        private void countRejects(int partition) {
            long end = history.decomposedUpTo(partition);
            history.read(history.topics().rejects(), partition, (_, _, value) -> {
                try {
                    Reject reject = Codecs.REJECT.decode(value.bytes());
                    if (reject.getPosition() < end) {
                        rejected++;
                        bytesRejected += reject.getDocumentBytes();
                        rejectedTokens += reject.getDocumentTokens();
                        rejectsByReason.merge(reject.getReason(), 1L, Long::sum);
                    }
                } catch (UnreadableRecordException e) {
                    unreadable++;
                }
            });
        }

        private BucketStats countSequences(Bucket bucket) {
            int width = history.settings().tokenizer().tokenWidth();
            long[] counts = new long[2];
            for (int partition = 0; partition < history.settings().partitions(); partition++) {
                long end = history.decomposedUpTo(partition);
                history.read(history.topics().sequences(bucket), partition, (_, _, value) -> {
                    try {
                        Sequence sequence = Codecs.SEQUENCE.decode(value.bytes());
                        if (sequence.getDocumentOffset() < end) {
                            counts[0]++;
                            counts[1] += sequence.getTokens().remaining() / width;
                            if (sequence.getPiece() == 0) {
                                decomposed++;
                                bytesDecomposed += sequence.getDocumentBytes();
                                documentTokens += sequence.getDocumentTokens();
                            }
                        }
                    } catch (UnreadableRecordException e) {
                        unreadable++;
                    }
                });
            }
            sequenceTokens += counts[1];
            return new BucketStats(bucket.length(), counts[0], counts[1], bucket.positions(counts[0]));
        }
    }
}
