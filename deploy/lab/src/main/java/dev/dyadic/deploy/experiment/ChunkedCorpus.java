package dev.dyadic.deploy.experiment;

import dev.dyadic.decomposer.tokenize.Tokenizer;
import dev.dyadic.decomposer.tokenize.Tokens;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.Wholes;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.avro.Sequence;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// The baseline: the same documents in random order, one after the other, cut into chunks of the longest length. Its
/// corpus is made beside the decomposed one and served by a sampler like any other.
///
/// A chunk has `length + 1` tokens, and the next one begins with its last: every token is a target once. A chunk holds
/// tokens of several documents, so Law 2 (single origin) is not for this corpus; its sequences name the chunk, not the
/// documents. It is made once, of the documents that are there, all in memory.
final class ChunkedCorpus {
    static final String NAME = "chunks";

    private final Cluster cluster;
    private final Corpus decomposed;
    private final Tokenizer tokenizer;
    private final long seed;

    /// @param decomposed the corpus whose documents, hold-out and longest length are taken
    ChunkedCorpus(Cluster cluster, Corpus decomposed, Tokenizer tokenizer, long seed) {
        this.cluster = cluster;
        this.decomposed = decomposed;
        this.tokenizer = tokenizer;
        this.seed = seed;
    }

    Corpus make(List<Document> documents, Map<TopicPartition, Long> ends) {
        CorpusSettings like = decomposed.settings();
        Bucket bucket = like.buckets().max();
        CorpusSettings settings = new CorpusSettings(
                NAME,
                like.tokenizer(),
                like.layout(),
                new Buckets(bucket.log2(), bucket.log2()),
                LongDocuments.LONGEST_FIRST,
                0,
                like.holdoutSalt(),
                like.partitions());
        Topics topics = new Topics(decomposed.topics().prefix(), NAME);
        Corpus corpus = Corpus.init(cluster, topics, settings, Optional.empty(), InstantSource.system());
        List<Document> train = new ArrayList<>(documents.stream()
                .filter(document -> like.splitOf(Wholes.idOf(document)) == Split.TRAIN)
                .toList());
        Collections.shuffle(train, new Random(seed));
        write(corpus, concatenate(train), bucket);
        standAt(topics, ends);
        return corpus;
    }

    private Tokens concatenate(List<Document> documents) {
        List<Tokens> parts = documents.stream()
                .map(document -> tokenizer.encode(StandardCharsets.UTF_8
                        .decode(document.getText().duplicate())
                        .toString()))
                .toList();
        int[] ids =
                new int[Math.toIntExact(parts.stream().mapToLong(Tokens::length).sum())];
        int at = 0;
        for (Tokens part : parts) {
            for (int i = 0; i < part.length(); i++) {
                ids[at++] = part.get(i);
            }
        }
        return Tokens.of(ids);
    }

    private void write(Corpus corpus, Tokens stream, Bucket bucket) {
        int length = bucket.length();
        int width = corpus.settings().tokenizer().tokenWidth();
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        try (Producer<byte[], byte[]> producer = cluster.producer(Map.of())) {
            for (int chunk = 0; (chunk + 1L) * length < stream.length(); chunk++) {
                byte[] tokens = stream.toBytes(chunk * length, (chunk + 1) * length + 1, width);
                Sequence sequence = Sequence.newBuilder()
                        .setDocumentId("chunk-" + chunk)
                        .setSource(NAME)
                        .setSplit(Split.TRAIN.text())
                        .setDocumentOffset(0)
                        .setDocumentBytes(tokens.length)
                        .setDocumentTokens(length + 1)
                        .setPiece(0)
                        .setPieces(1)
                        .setStart(0)
                        .setLog2(bucket.log2())
                        .setPublishedMillis(System.currentTimeMillis())
                        .setDigest(Digests.xxh64(tokens))
                        .setTokens(ByteBuffer.wrap(tokens))
                        .build();
                int partition = chunk % corpus.settings().partitions();
                var _ = producer.send(
                        new ProducerRecord<>(
                                corpus.topics().sequences(bucket), partition, null, Codecs.SEQUENCE.encode(sequence)),
                        (_, cause) -> {
                            if (cause != null) {
                                failure.compareAndSet(null, cause);
                            }
                        });
            }
            producer.flush();
        }
        Exception cause = failure.get();
        if (cause != null) {
            throw new IllegalStateException("Kafka did not take a chunk: " + cause.getMessage(), cause);
        }
    }

    /// Says that these documents are decomposed: a sampler waits for that before it opens a bounded run.
    private void standAt(Topics topics, Map<TopicPartition, Long> ends) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        ends.forEach((partition, end) -> offsets.put(partition, new OffsetAndMetadata(end)));
        try (Admin admin = cluster.admin()) {
            cluster.await(
                    admin.alterConsumerGroupOffsets(topics.decomposer(), offsets)
                            .all(),
                    "setting the offsets of " + topics.decomposer());
        }
    }
}
