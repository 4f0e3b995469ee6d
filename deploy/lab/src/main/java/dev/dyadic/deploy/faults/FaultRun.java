package dev.dyadic.deploy.faults;

import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.deploy.local.Directories;
import dev.dyadic.deploy.local.Program;
import dev.dyadic.deploy.local.SampleFeed;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.proto.Topics;
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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// One cluster of real processes under the faults of one seed: broker, decomposer, two samplers, a trainer. Documents
/// arrive and steps are fetched all the time; a run is amended and forked. Afterwards every law is checked, and a new
/// sampler with an empty disk serves every step again.
public final class FaultRun implements AutoCloseable {
    static final Topics TOPICS = new Topics("faults", "main");
    private static final int TOKENS_PER_STEP = 1024;
    static final String LIVE = "live";
    static final String FORK = "fork";
    static final String ALL = "all";
    static final String TRAIN = "train";
    private static final int TRAIN_STEPS = 30;
    private static final long CALL_MILLIS = 2_000;
    private static final long SETTLE_MILLIS = 120_000;
    private static final int REPLICAS = 2;
    private static final List<Fault> FAULTS = List.of(Fault.values());

    private final long seed;
    private final SplitMix64 random;
    private final Path directory;
    private final Consumer<String> tell;
    private final Cluster cluster;
    private final Victim broker;
    private final Victim decomposer;
    private final List<Victim> samplers = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();
    private final Victim trainer;
    private final Recorder recorder = new Recorder();
    private final List<String> faults = new ArrayList<>();
    private volatile boolean stopping;

    /// @param problems what does not hold; empty is good
    public record Result(
            long seed,
            List<String> faults,
            List<String> problems,
            long documents,
            int stepsCompared,
            Map<String, Long> refusals,
            int restarts,
            double seconds) {}

    private FaultRun(long seed, Path directory, Consumer<String> tell) {
        this.seed = seed;
        this.random = new SplitMix64(SplitMix64.key(seed, 23));
        this.directory = directory;
        this.tell = tell;
        int kafkaPort = Program.freePort();
        String kafka = "127.0.0.1:" + kafkaPort;
        this.cluster = Cluster.at(kafka);
        this.broker = new Victim(
                "broker", directory, "broker", "--data", path("broker"), "--port", Integer.toString(kafkaPort));
        this.decomposer = new Victim(
                "decomposer",
                directory,
                "decompose",
                "--kafka",
                kafka,
                "--prefix",
                "faults",
                "--data",
                path("decomposer"));
        for (int i = 0; i < REPLICAS; i++) {
            int port = Program.freePort();
            addresses.add("127.0.0.1:" + port);
            samplers.add(sampler("sampler-" + i, kafka, port));
        }
        this.trainer = new Victim(
                "trainer",
                directory,
                "train",
                TRAIN,
                "--sampler",
                addresses.getFirst(),
                "--steps",
                Integer.toString(TRAIN_STEPS),
                "--checkpoints",
                path("checkpoints"),
                "--checkpoint-every",
                "5",
                "--wait",
                "20",
                "--threads",
                "1");
    }

    /// @param count of faults
    /// @param tell one line for each thing that happens
    public static Result run(long seed, int count, Consumer<String> tell) throws IOException, InterruptedException {
        long before = System.nanoTime();
        Path directory = Files.createTempDirectory("dyadic-faults-" + seed + "-");
        List<String> problems;
        FaultRun run = new FaultRun(seed, directory, tell);
        int freshPort = Program.freePort();
        long documents = 0;
        try (run) {
            documents = run.live(count);
            problems = new ArrayList<>(run.recorder.broken());
            new FaultCheck(
                            run.cluster,
                            run.recorder,
                            run.sampler("sampler-fresh", run.cluster.bootstrap(), freshPort),
                            freshPort)
                    .check(documents, problems);
        } catch (RuntimeException | IOException e) {
            problems = new ArrayList<>(run.recorder.broken());
            problems.add(e.toString());
        }
        if (problems.isEmpty()) {
            Directories.delete(directory);
        } else {
            problems.add("logs and data are kept in " + directory);
        }
        int restarts = run.broker.starts()
                + run.decomposer.starts()
                + run.trainer.starts()
                + run.samplers.stream().mapToInt(Victim::starts).sum();
        return new Result(
                seed,
                run.faults,
                problems,
                documents,
                run.recorder.seen().size(),
                run.recorder.refusals(),
                restarts,
                (System.nanoTime() - before) / 1e9);
    }

    /// @return documents that ingest had acknowledged
    private long live(int count) throws IOException, InterruptedException {
        broker.start();
        retry(
                "the broker to start",
                () -> Corpus.init(cluster, TOPICS, settings(), Optional.empty(), InstantSource.system()));
        decomposer.start();
        samplers.forEach(Victim::start);
        openRuns();
        trainer.start();
        long documents;
        try (ExecutorService threads = Executors.newCachedThreadPool();
                SampleFeed feed = SampleFeed.start(cluster, TOPICS, 20, 60, "seed-" + seed + "/")) {
            try {
                for (int i = 0; i < REPLICAS; i++) {
                    int replica = i;
                    threads.execute(() -> recordOn(replica));
                }
                threads.execute(this::keepAll);
                for (int i = 0; i < count; i++) {
                    TimeUnit.MILLISECONDS.sleep(500 + random.nextBelow(1_500));
                    if (i == count / 3) {
                        amend();
                    }
                    if (i == count / 2) {
                        fork();
                    }
                    cause(FAULTS.get((int) random.nextBelow(FAULTS.size())));
                }
                TimeUnit.SECONDS.sleep(1);
                documents = feed.finish().accepted();
                settle();
                finishTraining();
            } finally {
                stopping = true;
            }
        }
        return documents;
    }

    private void cause(Fault fault) throws IOException, InterruptedException {
        int replica = (int) random.nextBelow(REPLICAS);
        Victim sampler = samplers.get(replica);
        String what = switch (fault) {
            case KILL_DECOMPOSER -> {
                restart(decomposer);
                yield "decomposer killed";
            }
            case FREEZE_DECOMPOSER -> freeze(decomposer, 11_000 + random.nextBelow(3_000));
            case KILL_SAMPLER -> {
                restart(sampler);
                yield sampler.name() + " killed";
            }
            case FREEZE_SAMPLER -> freeze(sampler, 1_000 + random.nextBelow(4_000));
            case KILL_BROKER -> {
                broker.kill();
                TimeUnit.MILLISECONDS.sleep(random.nextBelow(2_000));
                broker.start();
                yield "broker killed";
            }
            case KILL_TRAINER -> {
                restart(trainer);
                yield "trainer killed";
            }
            case DELETE_DISK -> {
                sampler.kill();
                Directories.delete(disk(replica));
                sampler.start();
                yield "disk of " + sampler.name() + " deleted";
            }
            case TRUNCATE_SEGMENT -> {
                sampler.kill();
                String changed = diskOf(replica).truncate(random);
                sampler.start();
                yield changed;
            }
            case FLIP_TOKEN_BIT -> diskOf(replica).flipBit("tokens", random);
            case FLIP_FACT_BIT -> {
                sampler.kill();
                String changed = diskOf(replica).flipBit("facts", random);
                sampler.start();
                yield changed;
            }
            case FULL_DISK -> {
                sampler.kill();
                Directories.delete(disk(replica));
                sampler.startWithFileLimit(256);
                TimeUnit.SECONDS.sleep(4);
                yield "disk of " + sampler.name() + " full";
            }
        };
        faults.add(what);
        tell.accept("seed " + seed + ": " + what);
    }

    private static void restart(Victim role) throws InterruptedException {
        role.kill();
        role.start();
    }

    private static String freeze(Victim role, long millis) throws IOException, InterruptedException {
        role.signal("STOP");
        TimeUnit.MILLISECONDS.sleep(millis);
        role.signal("CONT");
        return role.name() + " frozen for " + millis + " ms";
    }

    private void recordOn(int replica) {
        SplitMix64 own = new SplitMix64(SplitMix64.key(seed, 29, replica));
        try (SamplerClient client = new SamplerClient(addresses.get(replica), CALL_MILLIS)) {
            while (!stopping) {
                String run = own.nextBelow(4) == 0 ? FORK : LIVE;
                if (!recorder.fetchSome(client, samplers.get(replica).name(), run, own)) {
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
                broker.keep();
                decomposer.keep();
                trainer.keepUnlessDone();
                samplers.forEach(Victim::keep);
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
        for (Victim sampler : samplers) {
            if (damaged.isPresent() && damaged.get().equals(sampler.name())) {
                tell.accept("seed " + seed + ": " + sampler.name() + " says that its rows are damaged; started again");
                restart(sampler);
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
            try (SamplerClient client = new SamplerClient(addresses.getFirst(), CALL_MILLIS)) {
                client.openRun(LIVE, spec);
                return client.openRun(TRAIN, spec);
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
        return addresses.get((int) random.nextBelow(REPLICAS));
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
        while (!trainer.isDone()) {
            if (System.nanoTime() - deadline > 0) {
                recorder.broken().add("the trainer has not ended well, see " + trainer.log());
                return;
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    private Victim sampler(String name, String kafka, int port) {
        return new Victim(
                name,
                directory,
                "sample",
                "--kafka",
                kafka,
                "--prefix",
                "faults",
                "--data",
                path(name),
                "--port",
                Integer.toString(port),
                "--replica",
                name,
                "--max-park",
                "1000");
    }

    private SamplerDisk diskOf(int replica) {
        return new SamplerDisk(samplers.get(replica).name(), disk(replica));
    }

    private Path disk(int replica) {
        return directory.resolve(samplers.get(replica).name());
    }

    private String path(String name) {
        return directory.resolve(name).toString();
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
                2);
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
        trainer.close();
        samplers.forEach(Victim::close);
        decomposer.close();
        broker.close();
    }
}
