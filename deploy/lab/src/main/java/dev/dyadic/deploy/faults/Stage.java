package dev.dyadic.deploy.faults;

import dev.dyadic.deploy.broker.FreePorts;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The processes that faults happen to: brokers, a decomposer, two samplers with a link before each, a trainer.
final class Stage implements AutoCloseable {
    static final Topics TOPICS = new Topics("faults", "main");
    static final String TRAIN = "train";
    static final int REPLICAS = 2;
    private static final int TRAIN_STEPS = 30;

    private final Path directory;
    private final BrokerCluster brokers;
    private final Victim decomposer;
    private final List<Victim> samplers = new ArrayList<>();
    private final List<Relay> links = new ArrayList<>();
    private final Victim trainer;

    /// Starts the brokers, and nothing else.
    Stage(Path directory, int brokerCount) {
        this.directory = directory;
        this.brokers = new BrokerCluster(directory.resolve("brokers"), brokerCount);
        this.decomposer = new Victim(
                "decomposer",
                directory,
                "decompose",
                "--kafka",
                cluster().bootstrap(),
                "--prefix",
                TOPICS.prefix(),
                "--data",
                path("decomposer"));
        for (int i = 0; i < REPLICAS; i++) {
            int port = FreePorts.next();
            links.add(new Relay(port));
            samplers.add(sampler("sampler-" + i, port));
        }
        this.trainer = new Victim(
                "trainer",
                directory,
                "train",
                TRAIN,
                "--sampler",
                address(0),
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

    Cluster cluster() {
        return brokers.cluster();
    }

    BrokerCluster brokers() {
        return brokers;
    }

    Victim decomposer() {
        return decomposer;
    }

    Victim trainer() {
        return trainer;
    }

    List<Victim> samplers() {
        return samplers;
    }

    Victim sampler(int replica) {
        return samplers.get(replica);
    }

    /// A clock for one of the processes.
    FakeClock clock(Victim victim) {
        return new FakeClock(directory, victim.name());
    }

    Relay link(int replica) {
        return links.get(replica);
    }

    /// Of a sampler's link: host:port.
    String address(int replica) {
        return links.get(replica).address();
    }

    Path disk(int replica) {
        return directory.resolve(samplers.get(replica).name());
    }

    SamplerDisk diskOf(int replica) {
        return new SamplerDisk(samplers.get(replica).name(), disk(replica));
    }

    /// A sampler with an empty disk, not started.
    Victim freshSampler(int port) {
        return sampler("sampler-fresh", port);
    }

    /// Starts what has ended by itself.
    void keep() {
        brokers.keep();
        decomposer.keep();
        trainer.keepUnlessDone();
        samplers.forEach(Victim::keep);
    }

    int starts() {
        return brokers.starts()
                + decomposer.starts()
                + trainer.starts()
                + samplers.stream().mapToInt(Victim::starts).sum();
    }

    private Victim sampler(String name, int port) {
        return new Victim(
                name,
                directory,
                "sample",
                "--kafka",
                cluster().bootstrap(),
                "--prefix",
                TOPICS.prefix(),
                "--data",
                path(name),
                "--port",
                Integer.toString(port),
                "--replica",
                name,
                "--max-park",
                "1s");
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    @Override
    public void close() {
        trainer.close();
        samplers.forEach(Victim::close);
        links.forEach(Relay::close);
        decomposer.close();
        brokers.close();
    }
}
