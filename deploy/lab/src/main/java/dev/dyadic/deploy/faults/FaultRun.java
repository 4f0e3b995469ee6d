package dev.dyadic.deploy.faults;

import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.deploy.broker.FreePorts;
import dev.dyadic.deploy.local.Directories;
import dev.dyadic.deploy.local.SampleFeed;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.client.SamplerClientException;
import dev.dyadic.v1.SamplerProto.AmendRunRequest;
import dev.dyadic.v1.SamplerProto.Bounded;
import dev.dyadic.v1.SamplerProto.ForkRunRequest;
import dev.dyadic.v1.SamplerProto.Live;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.RunSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// One cluster of real processes under the faults of one seed: brokers, decomposer, two samplers, a trainer. Documents
/// arrive and steps are fetched all the time; a run is amended and forked. Afterwards every law is checked, and a new
/// sampler with an empty disk serves every step again.
public final class FaultRun implements AutoCloseable {
    private static final int TOKENS_PER_STEP = 1024;
    static final int PARTITIONS = 2;
    static final String LIVE = "live";
    static final String FORK = "fork";
    static final String ALL = "all";
    private static final long CALL_MILLIS = 2_000;
    private static final long SETTLE_MILLIS = 120_000;

    private final long seed;
    private final SplitMix64 random;
    private final Consumer<String> tell;
    private final Stage stage;
    private final Cluster cluster;
    private final Recorder recorder = new Recorder();
    private final FaultCauses causes;
    private final Queue<Recovery> recoveries = new ConcurrentLinkedQueue<>();
    private final List<String> faults = new ArrayList<>();
    private volatile boolean stopping;

    /// From the end of a fault to the next new step of the live run.
    public record Recovery(String fault, double seconds) {}

    /// @param problems what does not hold; empty is good
    public record Result(
            long seed,
            List<String> faults,
            List<Recovery> recoveries,
            List<String> problems,
            long documents,
            int stepsCompared,
            Map<String, Long> refusals,
            int restarts,
            double seconds) {}

    private FaultRun(long seed, Path directory, int brokers, Consumer<String> tell) {
        this.seed = seed;
        this.random = new SplitMix64(SplitMix64.key(seed, 23));
        this.tell = tell;
        this.stage = new Stage(directory, brokers);
        this.cluster = stage.cluster();
        this.causes = new FaultCauses(stage, random, recorder.broken());
    }

    /// @param brokers one, or three
    /// @param count of faults
    /// @param tell one line for each thing that happens
    public static Result run(long seed, int brokers, int count, Consumer<String> tell)
            throws IOException, InterruptedException {
        long before = System.nanoTime();
        Path directory = Files.createTempDirectory("dyadic-faults-" + seed + "-");
        List<String> problems;
        FaultRun run = new FaultRun(seed, directory, brokers, tell);
        int freshPort = FreePorts.next();
        long documents = 0;
        try (run) {
            documents = run.live(count);
            problems = new ArrayList<>(run.recorder.broken());
            new FaultCheck(run.cluster, run.recorder, run.stage.freshSampler(freshPort), freshPort)
                    .check(documents, problems);
        } catch (RuntimeException | IOException e) {
            problems = new ArrayList<>(run.recorder.broken());
            problems.add(e.toString());
        }
        if (problems.isEmpty()) {
            Directories.delete(directory);
        } else {
            LogEnds.tell(directory, line -> tell.accept("seed " + seed + ": " + line));
            problems.add("logs and data are kept in " + directory);
        }
        return new Result(
                seed,
                run.faults,
                List.copyOf(run.recoveries),
                problems,
                documents,
                run.recorder.seen().size(),
                run.recorder.refusals(),
                run.stage.starts(),
                (System.nanoTime() - before) / 1e9);
    }

    /// @return documents that ingest had acknowledged
    private long live(int count) throws IOException, InterruptedException {
        retry(
                "the corpus to be made",
                () -> Corpus.init(cluster, Stage.TOPICS, settings(), Optional.empty(), InstantSource.system()));
        stage.decomposer().start();
        stage.samplers().forEach(Victim::start);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            try {
                threads.execute(this::keepAll);
                openRuns();
                stage.trainer().start();
                for (int i = 0; i < Stage.REPLICAS; i++) {
                    int replica = i;
                    threads.execute(() -> recordOn(replica));
                }
                long documents = publishUnderFaults(count, threads);
                settle();
                finishTraining();
                return documents;
            } finally {
                stopping = true;
            }
        }
    }

    private long publishUnderFaults(int count, ExecutorService threads) throws IOException, InterruptedException {
        try (SampleFeed feed = SampleFeed.start(cluster, Stage.TOPICS, 20, 60, "seed-" + seed + "/")) {
            for (int i = 0; i < count; i++) {
                TimeUnit.MILLISECONDS.sleep(500 + random.nextBelow(1_500));
                if (i == count / 3) {
                    amend();
                }
                if (i == count / 2) {
                    fork();
                }
                FaultCauses.Caused caused = causes.causeOne();
                faults.add(caused.what());
                tell.accept("seed " + seed + ": " + caused.what());
                long planned = recorder.next(LIVE);
                threads.execute(() -> awaitRecovery(caused.fault(), planned));
            }
            TimeUnit.SECONDS.sleep(1);
            return feed.finish().accepted() + causes.documents();
        }
    }

    /// How long it takes until a step is served that nobody had fetched when the fault was over.
    private void awaitRecovery(Fault fault, long planned) {
        long before = System.nanoTime();
        try {
            while (!stopping && recorder.next(LIVE) <= planned) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (recorder.next(LIVE) > planned) {
            recoveries.add(new Recovery(fault.name(), (System.nanoTime() - before) / 1e9));
        }
    }

    private void recordOn(int replica) {
        SplitMix64 own = new SplitMix64(SplitMix64.key(seed, 29, replica));
        try (SamplerClient client = new SamplerClient(stage.address(replica), CALL_MILLIS)) {
            while (!stopping) {
                String run = own.nextBelow(4) == 0 ? FORK : LIVE;
                if (!recorder.fetchSome(client, stage.sampler(replica).name(), run, own)) {
                    TimeUnit.MILLISECONDS.sleep(200);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            recorder.broken().add("the recorder failed: " + e);
        }
    }

    /// What has ended is started again; a sampler whose rows are damaged is too, as its message asks.
    private void keepAll() {
        try {
            while (!stopping) {
                stage.keep();
                restartDamaged();
                TimeUnit.MILLISECONDS.sleep(300);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void restartDamaged() throws InterruptedException {
        Optional<String> damaged = recorder.nextDamaged();
        while (recorder.nextDamaged().isPresent()) {
            // One restart is enough for all that was said.
        }
        for (Victim sampler : stage.samplers()) {
            if (damaged.isPresent() && damaged.get().equals(sampler.name())) {
                tell.accept("seed " + seed + ": " + sampler.name() + " says that its rows are damaged; started again");
                sampler.kill();
                sampler.start();
                TimeUnit.SECONDS.sleep(2);
            }
        }
    }

    private void openRuns() {
        RunSpec spec = RunSpec.newBuilder()
                .setSeed(seed)
                .setTokensPerStep(TOKENS_PER_STEP)
                .setLive(Live.newBuilder().setCycleTokens(6L * TOKENS_PER_STEP).setMaxWaitMillis(500))
                .build();
        retry("the runs to open", () -> {
            try (SamplerClient client = new SamplerClient(stage.address(0), CALL_MILLIS)) {
                client.openRun(LIVE, spec);
                return client.openRun(Stage.TRAIN, spec);
            }
        });
    }

    private void amend() {
        retry("the amendment", () -> {
            try (SamplerClient client = new SamplerClient(anySampler(), CALL_MILLIS)) {
                return client.amendRun(AmendRunRequest.newBuilder()
                        .setRun(LIVE)
                        .setCurriculum("shrink-p100")
                        .build());
            }
        });
        tell.accept("seed " + seed + ": run live amended");
    }

    private void fork() {
        RunDescription live = retry("the run to be described", () -> {
            try (SamplerClient client = new SamplerClient(anySampler(), CALL_MILLIS)) {
                return client.describeRun(LIVE);
            }
        });
        long step = random.nextBelow(live.getStepsPlanned() / 2 + 1);
        // Made once: a retry asks for the same fork.
        ForkRunRequest request = ForkRunRequest.newBuilder()
                .setName(FORK)
                .setParent(LIVE)
                .setStep(step)
                .setSkip(Math.min(3, live.getStepsPlanned() - step))
                .setSeed(seed + 1)
                .build();
        retry("the fork", () -> {
            try (SamplerClient client = new SamplerClient(anySampler(), CALL_MILLIS)) {
                return client.forkRun(request);
            }
        });
        tell.accept("seed " + seed + ": run live forked");
    }

    private String anySampler() {
        return stage.address((int) random.nextBelow(Stage.REPLICAS));
    }

    /// All that was accepted is decomposed, and a replica has it.
    private void settle() {
        retry("everything to settle", () -> {
            try (SamplerClient client = new SamplerClient(anySampler(), 5_000)) {
                return client.openRun(
                        ALL,
                        RunSpec.newBuilder()
                                .setTokensPerStep(TOKENS_PER_STEP)
                                .setBounded(Bounded.getDefaultInstance())
                                .build());
            }
        });
    }

    /// The trainer gets through, though it may have to be started again.
    private void finishTraining() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SETTLE_MILLIS);
        while (!stage.trainer().isDone()) {
            if (System.nanoTime() - deadline > 0) {
                recorder.broken()
                        .add("the trainer has not ended well, see "
                                + stage.trainer().log());
                return;
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    private static CorpusSettings settings() {
        return new CorpusSettings(
                "main",
                Tokenizers.named("bytes").identity(),
                Layout.NEXT_TOKEN,
                new Buckets(5, 8),
                LongDocuments.LONGEST_FIRST,
                50_000,
                0,
                PARTITIONS);
    }

    private <T> T retry(String what, Callable<T> attempt) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SETTLE_MILLIS);
        while (true) {
            try {
                return attempt.call();
            } catch (SamplerClientException | ClusterException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("waited in vain for " + what + ": " + e.getMessage(), e);
                }
                pause();
            } catch (Exception e) {
                throw new IllegalStateException(what + " failed: " + e, e);
            }
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        stopping = true;
        stage.close();
    }
}
