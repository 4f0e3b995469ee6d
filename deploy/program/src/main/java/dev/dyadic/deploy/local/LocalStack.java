package dev.dyadic.deploy.local;

import dev.dyadic.decomposer.Decomposer;
import dev.dyadic.decomposer.DecomposerSettings;
import dev.dyadic.deploy.broker.EmbeddedBroker;
import dev.dyadic.ingest.IngestServer;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.sampler.Sampler;
import dev.dyadic.sampler.SamplerLimits;
import dev.dyadic.sampler.watch.SamplerView;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Broker, corpus, decomposer and sampler in one process, over one directory.
public final class LocalStack implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalStack.class);
    /// The source of documents that name none.
    private static final String DEFAULT_SOURCE = "default";

    private final Deque<AutoCloseable> parts;
    private final Cluster cluster;
    private final Corpus corpus;
    private final Decomposer decomposer;
    private final Sampler sampler;
    private final String ingestAddress;
    private final CompletableFuture<?> ended;

    /// @param kafkaPort 0: any free one
    /// @param samplerPort 0: any free one
    /// @param ingestPort 0: any free one
    /// @param corpus what it is made with, or must have where it is there
    public record Settings(
            Path data, int kafkaPort, int samplerPort, int ingestPort, Topics topics, CorpusChoice.OnExisting corpus) {
        /// A corpus with a tokenizer that this program brings.
        public Settings(
                Path data, int kafkaPort, int samplerPort, int ingestPort, String prefix, CorpusSettings corpus) {
            this(
                    data,
                    kafkaPort,
                    samplerPort,
                    ingestPort,
                    new Topics(prefix, corpus.corpus()),
                    CorpusChoice.OnExisting.always(corpus, Optional.empty()));
        }
    }

    private LocalStack(
            Deque<AutoCloseable> parts,
            Cluster cluster,
            Corpus corpus,
            Decomposer decomposer,
            Sampler sampler,
            String ingestAddress,
            CompletableFuture<?> ended) {
        this.parts = parts;
        this.cluster = cluster;
        this.corpus = corpus;
        this.decomposer = decomposer;
        this.sampler = sampler;
        this.ingestAddress = ingestAddress;
        this.ended = ended;
    }

    /// Starts with metrics that nobody reads.
    public static LocalStack start(Settings settings, Consumer<String> started) {
        return start(settings, started, new SimpleMeterRegistry());
    }

    /// Starts the parts in the order of the data's flow.
    ///
    /// @param started told, in a line each, what is up
    /// @param registry that all parts' metrics are kept in
    public static LocalStack start(Settings settings, Consumer<String> started, MeterRegistry registry) {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            EmbeddedBroker broker = EmbeddedBroker.start(settings.data().resolve("broker"), settings.kafkaPort());
            parts.push(broker);
            started.accept("Kafka (embedded)  " + broker.bootstrap());
            return startOn(parts, Cluster.at(broker.bootstrap()), settings, started, registry);
        } catch (RuntimeException e) {
            closeAll(parts);
            throw e;
        }
    }

    /// The same on a Kafka that is there.
    public static LocalStack startOn(
            Cluster cluster, Settings settings, Consumer<String> started, MeterRegistry registry) {
        return startOn(new ArrayDeque<>(), cluster, settings, started, registry);
    }

    private static LocalStack startOn(
            Deque<AutoCloseable> parts,
            Cluster cluster,
            Settings settings,
            Consumer<String> started,
            MeterRegistry registry) {
        try {
            Topics topics = settings.topics();
            CorpusChoice choice = settings.corpus().apply(Corpus.settings(cluster, topics));
            Corpus corpus = Corpus.init(
                    cluster,
                    topics,
                    choice.settings(),
                    choice.tokenizerFile(),
                    Optional.empty(),
                    InstantSource.system());
            started.accept("corpus            " + topics.corpus() + ": tokenizer "
                    + corpus.settings().tokenizer().name() + ", lengths "
                    + corpus.settings().buckets() + ", " + corpus.settings().partitions() + " partitions");
            IngestServer ingest = IngestServer.start(
                    cluster,
                    topics,
                    ListenSettings.loopback(settings.ingestPort()).withReflection(true),
                    DEFAULT_SOURCE,
                    IngestServer.DEFAULT_MAX_IDLE,
                    registry);
            parts.push(ingest);
            started.accept("ingest (gRPC)     " + ingest.address());
            DecomposerSettings decomposing = DecomposerSettings.smallest(
                    settings.data().resolve("decomposer"), corpus.settings().partitions());
            Decomposer decomposer = Decomposer.start(cluster, corpus, decomposing, registry);
            parts.push(decomposer);
            started.accept("decomposer        exactly once, Kafka Streams");
            Sampler sampler = Sampler.start(
                    cluster,
                    corpus,
                    new Sampler.Settings(
                            settings.data().resolve("sampler"),
                            ListenSettings.loopback(settings.samplerPort()).withReflection(true),
                            1,
                            "local",
                            SamplerLimits.DEFAULT),
                    InstantSource.system(),
                    registry);
            parts.push(sampler);
            started.accept("sampler (gRPC)    " + sampler.address());
            return new LocalStack(
                    parts,
                    cluster,
                    corpus,
                    decomposer,
                    sampler,
                    ingest.address(),
                    CompletableFuture.anyOf(decomposer.ended(), sampler.ended()));
        } catch (RuntimeException e) {
            closeAll(parts);
            throw e;
        }
    }

    public Cluster cluster() {
        return cluster;
    }

    public Corpus corpus() {
        return corpus;
    }

    public String samplerAddress() {
        return sampler.address();
    }

    public String ingestAddress() {
        return ingestAddress;
    }

    /// What the sampler looks like now.
    public SamplerView view() {
        return sampler.view();
    }

    /// Why a part is not ready; empty where all are.
    public Optional<String> notReady() {
        return decomposer.notReady().or(sampler::notReady);
    }

    /// Completes when a part has ended, exceptionally when it has failed.
    public CompletableFuture<?> ended() {
        return ended;
    }

    @Override
    public void close() {
        closeAll(parts);
    }

    private static void closeAll(Deque<AutoCloseable> parts) {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                LOG.warn("closing a part failed", e);
            }
        }
    }
}
