package dev.dyadic.decomposer;

import dev.dyadic.decomposer.pipeline.DocumentPipeline;
import dev.dyadic.decomposer.tokenize.Tokenizer;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.LostDocuments;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.kafka.KafkaWatch;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running decomposer: one member of the corpus's Streams application.
public final class Decomposer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Decomposer.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(8);
    private static final int SESSION_TIMEOUT_MILLIS = 10_000;
    /// Within it a member that has crashed is back, and nothing moves to others.
    private static final int STATIC_SESSION_TIMEOUT_MILLIS = 30_000;

    /// Longer than a transaction: nothing is visible before it is committed, and a commit sends what waits, so a
    /// batch is sent when it is full or then.
    private static final int LINGER_MILLIS = 10_000;

    private static final int BATCH_BYTES = 128 << 10;
    /// Threads that may die and be replaced before the program gives up.
    private static final int MAX_REPLACED_THREADS = 10;

    private final KafkaStreams streams;
    private final KafkaWatch kafka;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private final StallWatch stalls = new StallWatch();
    private final KafkaStreamsMetrics metrics;

    private Decomposer(KafkaStreams streams, KafkaWatch kafka, KafkaStreamsMetrics metrics) {
        this.streams = streams;
        this.kafka = kafka;
        this.metrics = metrics;
    }

    /// Checks that it may start, and starts.
    ///
    /// @param registry that the decomposer's metrics are kept in
    public static Decomposer start(
            Cluster cluster, Corpus corpus, DecomposerSettings settings, MeterRegistry registry) {
        Tokenizer tokenizer = CorpusTokenizer.of(cluster, corpus);
        int transactionMillis = TransactionTime.millis(corpus.settings().partitions(), settings.threads());
        requireOffsets(cluster, corpus);
        DecomposerMeters meters =
                new DecomposerMeters(registry, corpus.settings().buckets());
        meters.lost(LostOffsets.passOver(cluster, corpus));
        SeenChangelog.require(cluster, corpus, settings.stateDir());
        RocksDbLibrary.load(settings.stateDir());
        DocumentPipeline pipeline = new DocumentPipeline(corpus.settings(), tokenizer);
        Properties properties = new Properties();
        properties.putAll(streamsProperties(cluster, corpus, settings, transactionMillis));
        KafkaStreams streams = new KafkaStreams(
                DocumentTopology.of(
                        corpus.topics(),
                        corpus.settings().buckets(),
                        pipeline,
                        meters,
                        () -> SeenChangelog.requireThere(cluster, corpus)),
                properties);
        KafkaStreamsMetrics metrics = new KafkaStreamsMetrics(streams);
        metrics.bindTo(registry);
        Decomposer decomposer = new Decomposer(streams, KafkaWatch.start(cluster), metrics);
        decomposer.watch(gone -> LostOffsets.passOver(cluster, corpus, gone), meters);
        streams.start();
        LOG.info(
                "decomposer started, corpus={} tokenizer={} buckets={} threads={}",
                corpus.topics().corpus(),
                tokenizer.identity().name(),
                corpus.settings().buckets(),
                settings.threads());
        return decomposer;
    }

    /// Completes normally after `close()`, exceptionally when the decomposer had to stop by itself.
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /// Why this member takes no documents now; empty where it does, or where others have all partitions.
    public Optional<String> notReady() {
        KafkaStreams.State state = streams.state();
        return kafka.silent()
                .or(() -> state == KafkaStreams.State.RUNNING
                        ? Optional.empty()
                        : Optional.of("the decomposer is in state " + state));
    }

    /// What has stood still for two minutes though there are documents for it: a restart may help. Each call looks.
    public Optional<String> stalled() {
        return stalls.look(streams);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            metrics.close();
            boolean clean = streams.close(CloseOptions.timeout(CLOSE_TIMEOUT)
                    .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
            if (!clean) {
                LOG.warn("decomposer did not stop within {} s", CLOSE_TIMEOUT.toSeconds());
            }
            kafka.close();
            ended.complete(null);
        }
    }

    private void watch(Function<Set<TopicPartition>, List<LostDocuments>> passOver, DecomposerMeters meters) {
        AtomicInteger replaced = new AtomicInteger();
        streams.setUncaughtExceptionHandler(exception -> {
            Optional<DecomposerException> refused = refusal(exception);
            if (refused.isPresent()) {
                ended.completeExceptionally(refused.get());
                return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
            }
            Optional<InvalidOffsetException> gone = cause(exception, InvalidOffsetException.class);
            if (gone.isPresent() && goesOn(() -> passOver.apply(gone.get().partitions()), meters)) {
                return StreamThreadExceptionResponse.REPLACE_THREAD;
            }
            if (replaced.incrementAndGet() <= MAX_REPLACED_THREADS) {
                LOG.warn("stream thread died, replacing it ({} of {})", replaced, MAX_REPLACED_THREADS, exception);
                return StreamThreadExceptionResponse.REPLACE_THREAD;
            }
            ended.completeExceptionally(new DecomposerException(
                    "the decomposer gave up after " + MAX_REPLACED_THREADS + " failures; the last: "
                            + exception.getMessage(),
                    exception));
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.setStateListener((now, before) -> {
            LOG.info("decomposer state, from={} to={}", before, now);
            if (now == KafkaStreams.State.ERROR) {
                ended.completeExceptionally(new DecomposerException("the decomposer stopped in state ERROR", null));
            }
        });
    }

    /// Whether documents were gone that came next, and it can go on behind them.
    private static boolean goesOn(Supplier<List<LostDocuments>> passOver, DecomposerMeters meters) {
        try {
            List<LostDocuments> lost = passOver.get();
            meters.lost(lost);
            return !lost.isEmpty();
        } catch (ClusterException e) {
            LOG.warn("cannot pass over documents that are gone", e);
            return false;
        }
    }

    /// What a check has refused, within what Kafka Streams has put around it.
    private static Optional<DecomposerException> refusal(Throwable exception) {
        return cause(exception, DecomposerException.class);
    }

    private static <T extends Throwable> Optional<T> cause(Throwable exception, Class<T> type) {
        Throwable cause = exception;
        while (cause != null && !type.isInstance(cause)) {
            cause = cause.getCause();
        }
        return Optional.ofNullable(cause).map(type::cast);
    }

    private static void requireOffsets(Cluster cluster, Corpus corpus) {
        String group = corpus.topics().decomposer();
        try (Admin admin = cluster.admin()) {
            Map<TopicPartition, OffsetAndMetadata> committed = cluster.await(
                    admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(),
                    "reading the offsets of " + group);
            for (int partition = 0; partition < corpus.settings().partitions(); partition++) {
                TopicPartition documents = new TopicPartition(corpus.topics().documents(), partition);
                if (committed.get(documents) == null) {
                    throw new DecomposerException(
                            "group " + group + " has no committed offset for " + documents
                                    + ": it has expired (see the broker's offsets.retention.minutes). Set it with"
                                    + " kafka-consumer-groups.sh --reset-offsets to the offset after the last"
                                    + " documentOffset on the partition's length and rejects topics.",
                            null);
                }
            }
        }
    }

    private static Map<String, Object> streamsProperties(
            Cluster cluster, Corpus corpus, DecomposerSettings settings, int transactionMillis) {
        Map<String, Object> properties = new HashMap<>(cluster.base());
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, corpus.topics().decomposer());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, settings.commitIntervalMillis());
        properties.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDir().toString());
        properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0L);
        properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class);
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), SESSION_TIMEOUT_MILLIS);
        settings.instance().ifPresent(name -> {
            properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), name);
            properties.put(
                    StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
                    STATIC_SESSION_TIMEOUT_MILLIS);
        });
        properties.put(
                StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG),
                Limits.MAX_DOCUMENT_RECORD_BYTES);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), transactionMillis);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), LINGER_MILLIS);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
        int largestSequence =
                corpus.settings().rowBytes(corpus.settings().buckets().max()) + Limits.MAX_SEQUENCE_OVERHEAD_BYTES;
        properties.put(
                StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
                Math.max(Limits.MAX_REJECT_RECORD_BYTES, largestSequence));
        return properties;
    }
}
