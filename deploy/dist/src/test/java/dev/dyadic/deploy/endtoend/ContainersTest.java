package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import com.github.dockerjava.api.model.Ports;
import dev.dyadic.deploy.audit.Audit;
import dev.dyadic.deploy.audit.AuditReport;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.stats.CorpusStats;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.IngestGrpc;
import dev.dyadic.v1.IngestProto.PublishRequest;
import dev.dyadic.v1.SamplerProto.Batch;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/// Our own images, each service in a container, beside a Kafka in one: killed, started anew, and cut off from the
/// network.
@NeedsDocker(image = true)
class ContainersTest {
    private static final int SAMPLER_PORT = 7070;
    private static final int INGEST_PORT = 7071;
    private static final int OPS_PORT = 7072;
    private static final String KAFKA_IN_NETWORK = "kafka:19092";
    private static final long CLIENT_WAIT_MILLIS = 90_000;
    /// Longer than a session of the decomposer's group, and than its transactions.
    private static final long CUT_SECONDS = 12;

    private static final Topics TOPICS = new Topics("dyadic", "main");

    private static final List<AutoCloseable> PARTS = new ArrayList<>();
    private static Network backend = null;
    private static KafkaContainer kafka = null;
    private static GenericContainer<?> ingest = null;
    private static GenericContainer<?> decomposer = null;
    private static GenericContainer<?> sampler = null;
    private static GenericContainer<?> other = null;

    @BeforeAll
    static void start() {
        String image = Docker.image();
        backend = network();
        kafka = Docker.kafka().withNetwork(backend).withListener(KAFKA_IN_NETWORK);
        PARTS.add(kafka);
        kafka.start();
        GenericContainer<?> init = service(image)
                .withCommand(
                        "init",
                        "--tokenizer",
                        "bytes",
                        "--min-length",
                        "32",
                        "--max-length",
                        "256",
                        "--partitions",
                        "2")
                .withStartupCheckStrategy(new OneShotStartupCheckStrategy());
        init.start();
        ingest = serving(
                service(image, "ingest", "--listen", "0.0.0.0:" + INGEST_PORT, "--allow-plaintext"), INGEST_PORT);
        decomposer = serving(service(image, "decompose", "--data", "/data", "--instance", "one"), OPS_PORT);
        sampler = serving(service(image, sample("one")), SAMPLER_PORT);
        other = serving(service(image, sample("two")), SAMPLER_PORT);
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable part : PARTS.reversed()) {
            part.close();
        }
    }

    @Test
    void documentsInBatchesOutThroughAKillAndACut() throws Exception {
        List<Batch> served = new ArrayList<>();
        long published = publish("before-", 400);
        try (SamplerClient client = client(sampler)) {
            client.openRun("live", TestStack.live(6).build());
            fetch(client, served, 20);
        }

        // Killed, and started anew with what is on its disk.
        docker().killContainerCmd(sampler.getContainerId()).exec();
        docker().waitContainerCmd(sampler.getContainerId()).start().awaitStatusCode(10, TimeUnit.SECONDS);
        try (SamplerClient client = client(other)) {
            requireSame(client, served);
            fetch(client, served, 5);
        }
        docker().startContainerCmd(sampler.getContainerId()).exec();
        docker().killContainerCmd(decomposer.getContainerId()).exec();
        docker().waitContainerCmd(decomposer.getContainerId()).start().awaitStatusCode(10, TimeUnit.SECONDS);
        published += publish("during-", 300);
        docker().startContainerCmd(decomposer.getContainerId()).exec();
        try (SamplerClient client = client(sampler)) {
            requireSame(client, served);
            fetch(client, served, 5);
        }

        // Cut off from Kafka, with documents arriving; then connected again.
        cut(decomposer);
        published += publish("cut-", 300);
        TimeUnit.SECONDS.sleep(CUT_SECONDS);
        connect(decomposer);
        try (SamplerClient client = client(other)) {
            fetch(client, served, 10);
        }
        try (SamplerClient client = client(sampler)) {
            requireSame(client, served);
            // Waits until all documents have their outcome.
            client.openRun("all", TestStack.bounded(1, 1).build());
            check(client, published);
        }
    }

    private static void check(SamplerClient client, long published) {
        Cluster cluster = Cluster.at(kafka.getBootstrapServers());
        Corpus corpus = Corpus.open(cluster, TOPICS, Optional.empty());
        try (KafkaHistory history = new KafkaHistory(cluster, corpus, KafkaHistory.Progress.NONE)) {
            CorpusStats stats = CorpusStats.of(history);
            assertThat(stats.documents().accepted()).isEqualTo(published);
            assertThat(stats.documents().decomposed() + stats.documents().rejected())
                    .isEqualTo(published);
            AuditReport report = Audit.of(
                    history,
                    "live",
                    step -> Optional.of(TestStack.get(client, "live", step).getDigest()));
            assertThat(report.ok()).as("%s", report).isTrue();
        }
    }

    private static void fetch(SamplerClient client, List<Batch> served, int steps) {
        for (int i = 0; i < steps; i++) {
            served.add(TestStack.get(client, "live", served.size()));
        }
    }

    private static void requireSame(SamplerClient client, List<Batch> served) {
        for (int step = 0; step < served.size(); step++) {
            assertThat(TestStack.get(client, "live", step)).isEqualTo(served.get(step));
        }
    }

    /// Over gRPC.
    ///
    /// @return documents that were acknowledged: all of them
    private static long publish(String prefix, int count) throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forTarget(address(ingest, INGEST_PORT))
                .usePlaintext()
                .build();
        try {
            Published published = new Published();
            StreamObserver<PublishRequest> requests =
                    IngestGrpc.newStub(channel).publish(published);
            for (Texts.Text text : Texts.make(prefix, count, prefix.hashCode())) {
                requests.onNext(PublishRequest.newBuilder()
                        .setId(text.id())
                        .setSource(text.source())
                        .setText(text.text())
                        .build());
            }
            requests.onCompleted();
            assertThat(published.await())
                    .hasSize(count)
                    .allMatch(answer -> answer.getRefused().isEmpty());
            return count;
        } finally {
            channel.shutdownNow();
        }
    }

    private static void cut(GenericContainer<?> container) {
        docker().disconnectFromNetworkCmd()
                .withNetworkId(backend.getId())
                .withContainerId(container.getContainerId())
                .withForce(true)
                .exec();
    }

    private static void connect(GenericContainer<?> container) {
        docker().connectToNetworkCmd()
                .withNetworkId(backend.getId())
                .withContainerId(container.getContainerId())
                .exec();
    }

    private static SamplerClient client(GenericContainer<?> container) {
        return new SamplerClient(address(container, SAMPLER_PORT), CLIENT_WAIT_MILLIS);
    }

    /// As the engine says now: a container that is started anew has another port.
    private static String address(GenericContainer<?> container, int port) {
        InspectContainerResponse now =
                docker().inspectContainerCmd(container.getContainerId()).exec();
        Ports.Binding[] bindings = Objects.requireNonNull(
                now.getNetworkSettings().getPorts().getBindings().get(ExposedPort.tcp(port)));
        return container.getHost() + ":" + bindings[0].getHostPortSpec();
    }

    private static String[] sample(String replica) {
        return new String[] {"sample", "--host", "0.0.0.0", "--allow-plaintext", "--data", "/data", "--replica", replica
        };
    }

    private static GenericContainer<?> service(String image, String... command) {
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(image))
                .withNetwork(backend)
                .withEnv(Map.of("DYADIC_KAFKA", KAFKA_IN_NETWORK, "DYADIC_OPS", "0.0.0.0:" + OPS_PORT))
                .withEnv("DYADIC_OPS_REMOTE", "true")
                .withTmpFs(Map.of("/tmp", "exec,mode=1777"))
                .withCreateContainerCmdModifier(command1 -> Objects.requireNonNull(command1.getHostConfig())
                        .withReadonlyRootfs(true)
                        .withMemory(768L << 20)
                        // The image has no volume of its own, and the root cannot be written to.
                        .withMounts(
                                List.of(new Mount().withType(MountType.VOLUME).withTarget("/data"))))
                .withCommand(command);
        PARTS.add(container);
        return container;
    }

    private static GenericContainer<?> serving(GenericContainer<?> container, int port) {
        container
                .withExposedPorts(port, OPS_PORT)
                .waitingFor(Wait.forHttp("/health/ready").forPort(OPS_PORT).forStatusCode(200))
                .start();
        return container;
    }

    /// Its ports are published on loopback only.
    private static Network network() {
        Network network = Network.builder()
                .createNetworkCmdModifier(command ->
                        command.withOptions(Map.of("com.docker.network.bridge.host_binding_ipv4", "127.0.0.1")))
                .build();
        PARTS.add(network);
        return network;
    }

    private static DockerClient docker() {
        return DockerClientFactory.instance().client();
    }
}
