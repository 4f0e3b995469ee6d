package dev.dyadic.sampler;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.kafka.KafkaWatch;
import dev.dyadic.proto.rpc.GrpcListener;
import dev.dyadic.proto.rpc.ListenLimits;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.sampler.gather.Batches;
import dev.dyadic.sampler.gather.LengthTopics;
import dev.dyadic.sampler.gather.RowRepair;
import dev.dyadic.sampler.ledger.LedgerLog;
import dev.dyadic.sampler.ledger.Signal;
import dev.dyadic.sampler.messages.RunMessages;
import dev.dyadic.sampler.replicate.Replicator;
import dev.dyadic.sampler.runs.Planning;
import dev.dyadic.sampler.runs.Runs;
import dev.dyadic.sampler.segments.DiskBudget;
import dev.dyadic.sampler.segments.SegmentStore;
import dev.dyadic.sampler.serve.BatchCalls;
import dev.dyadic.sampler.serve.CallBudget;
import dev.dyadic.sampler.serve.CallTimes;
import dev.dyadic.sampler.serve.CorpusDescriber;
import dev.dyadic.sampler.serve.SamplerService;
import dev.dyadic.sampler.trace.Provenance;
import dev.dyadic.sampler.watch.Activity;
import dev.dyadic.sampler.watch.InputWatch;
import dev.dyadic.sampler.watch.Past;
import dev.dyadic.sampler.watch.RetentionWatch;
import dev.dyadic.sampler.watch.SamplerMeters;
import dev.dyadic.sampler.watch.SamplerView;
import dev.dyadic.sampler.wire.BatchMethods;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running sampler: one replica.
public final class Sampler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);
    /// Requests are small.
    private static final ListenLimits LISTEN_LIMITS = new ListenLimits(1 << 20, 1 << 17, Duration.ofMinutes(30));

    private final Deque<AutoCloseable> parts;
    private final GrpcListener listener;
    private final SamplerView view;
    private final LedgerLog ledger;
    private final Replicator replicator;
    private final KafkaWatch kafka;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /// @param dataDir rows on disk: a cache that can be deleted
    /// @param replica name in the ledger, for people
    public record Settings(
            Path dataDir, ListenSettings listen, int replicationThreads, String replica, SamplerLimits limits) {
        public Settings {
            if (replicationThreads < 1 || replicationThreads > 64) {
                throw new InvalidException(
                        "replication-threads must be between 1 and 64, but was " + replicationThreads);
            }
        }
    }

    private Sampler(
            Deque<AutoCloseable> parts,
            GrpcListener listener,
            SamplerView view,
            LedgerLog ledger,
            Replicator replicator,
            KafkaWatch kafka) {
        this.parts = parts;
        this.listener = listener;
        this.view = view;
        this.ledger = ledger;
        this.replicator = replicator;
        this.kafka = kafka;
    }

    /// @param registry that the sampler's metrics are kept in
    public static Sampler start(
            Cluster cluster, Corpus corpus, Settings settings, InstantSource clock, MeterRegistry registry) {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            KafkaWatch kafka = keep(parts, KafkaWatch.start(cluster));
            Signal signal = new Signal();
            SegmentStore store = keep(
                    parts,
                    SegmentStore.open(
                            settings.dataDir(),
                            corpus,
                            new DiskBudget(settings.limits().maxDiskBytes())));
            LedgerLog ledger = keep(parts, LedgerLog.open(cluster, corpus, settings.dataDir(), signal));
            Replicator replicator = keep(
                    parts,
                    Replicator.start(cluster, corpus, store, settings.replicationThreads(), signal, clock, registry));
            LengthTopics topics = keep(parts, new LengthTopics(cluster, corpus));
            RowRepair repair = new RowRepair(store, topics);
            InputWatch input = keep(parts, new InputWatch(cluster, corpus, store));
            RetentionWatch retention = keep(parts, new RetentionWatch(cluster, corpus, store, ledger, clock));
            Planning planning = new Planning(ledger, store, input, repair, signal, clock, settings.replica());
            Batches batches = keep(
                    parts,
                    new Batches(
                            store,
                            corpus.settings(),
                            signal,
                            repair,
                            settings.limits().cacheBytes(),
                            settings.limits().maxSliceBytes()));
            CallBudget budget = new CallBudget(
                    settings.limits().maxCalls(), settings.limits().maxInFlightBytes());
            Activity activity = new Activity(clock);
            Past past = keep(parts, new Past(() -> SamplerView.moment(replicator, clock)));
            SamplerView view = new SamplerView(
                    corpus.settings(),
                    settings.replica(),
                    store,
                    replicator,
                    ledger,
                    input,
                    retention,
                    activity,
                    batches,
                    past,
                    clock);
            SamplerMeters meters = keep(parts, new SamplerMeters(registry, view, budget, batches));
            Runs runs = new Runs(cluster, corpus, ledger, clock);
            SamplerService service = keep(
                    parts,
                    new SamplerService(
                            new CorpusDescriber(
                                    corpus.settings(), settings.replica(), store, replicator, input, retention, clock),
                            replicator,
                            runs,
                            new RunMessages(corpus.settings(), ledger.state()),
                            planning,
                            new BatchCalls(runs, planning, batches, activity, meters),
                            new Provenance(corpus.settings(), store, topics, ledger.state(), batches),
                            budget,
                            meters,
                            new CallTimes(
                                    settings.limits().maxParkMillis(),
                                    settings.limits().maxUnreadMillis())));
            GrpcListener listener = keep(
                    parts,
                    GrpcListener.start(
                            "sampler",
                            settings.listen(),
                            LISTEN_LIMITS,
                            List.of(BatchMethods.of(service.bindService())),
                            registry));
            LOG.info(
                    "sampler started, corpus={} address={} data={}",
                    corpus.topics().corpus(),
                    listener.address(),
                    settings.dataDir());
            Sampler sampler = new Sampler(parts, listener, view, ledger, replicator, kafka);
            sampler.watch(signal);
            return sampler;
        } catch (IOException e) {
            closeAll(parts);
            throw new DyadicException(
                    DyadicException.Kind.OUTSIDE,
                    "cannot listen on " + settings.listen().host() + ":"
                            + settings.listen().port() + ": " + reason(e)
                            + "; stop what uses it, or name another --port",
                    e);
        } catch (RuntimeException e) {
            closeAll(parts);
            throw e;
        }
    }

    /// host:port
    public String address() {
        return listener.address();
    }

    /// What this replica looks like now.
    public SamplerView view() {
        return view;
    }

    /// Why this replica should not be asked now; empty where it should. One that has caught up once stays ready while
    /// Kafka answers. Without Kafka it still serves what is planned to those that ask it.
    public Optional<String> notReady() {
        if (closed.get()) {
            return Optional.of("the sampler is closed");
        }
        try {
            ledger.requireAlive();
        } catch (RuntimeException e) {
            return Optional.of("the ledger is not read: " + e.getMessage());
        }
        Optional<String> unknown = ledger.state().obstacleOfAll();
        if (unknown.isPresent()) {
            return unknown;
        }
        Optional<String> failure = replicator.failure();
        return failure.or(kafka::silent).or(replicator::catchingUp);
    }

    /// Completes normally after `close()`, exceptionally when a part has failed and the sampler can no longer serve.
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /// Ends calls, then replication, then the ledger; the last checkpoint is written.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            closeAll(parts);
            ended.complete(null);
        }
    }

    private void watch(Signal signal) {
        Thread.ofVirtual().name("dyadic-watch").start(() -> {
            try {
                for (long seen = signal.version(); !closed.get(); seen = signal.version()) {
                    ledger.requireAlive();
                    replicator.requireAlive();
                    signal.await(seen, TimeUnit.SECONDS.toNanos(1));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                if (!closed.get()) {
                    listener.notServing();
                    ended.completeExceptionally(e);
                }
            }
        });
    }

    private static <T extends AutoCloseable> T keep(Deque<AutoCloseable> parts, T part) {
        parts.push(part);
        return part;
    }

    private static void closeAll(Deque<AutoCloseable> parts) {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                LOG.warn("closing a part of the sampler failed", e);
            }
        }
    }

    private static String reason(IOException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return String.valueOf(cause.getMessage());
    }
}
