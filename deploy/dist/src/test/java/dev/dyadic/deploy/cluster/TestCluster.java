package dev.dyadic.deploy.cluster;

import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/// Three Kafka nodes, brokers and controllers, each a process of its own that can be killed and started again.
public final class TestCluster implements AutoCloseable {
    public static final int NODES = 3;
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final long POLL_NANOS = 50_000_000;

    private final Path directory;
    private final String id = Uuid.randomUuid().toString();
    private final List<Integer> ports;
    private final List<Integer> controllerPorts;
    private final @Nullable Process[] nodes = new Process[NODES];

    /// Starts and returns when all brokers are there.
    public TestCluster(Path directory) {
        this.directory = directory;
        List<Integer> free = freePorts(2 * NODES);
        this.ports = free.subList(0, NODES);
        this.controllerPorts = free.subList(NODES, 2 * NODES);
        IntStream.range(0, NODES).forEach(this::start);
        awaitBrokers(NODES);
    }

    public Cluster cluster() {
        return Cluster.at(ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(",")));
    }

    /// @param node from 0
    public void start(int node) {
        Path home = directory.resolve("node-" + node);
        try {
            Files.createDirectories(home);
            Path properties = home.resolve("server.properties");
            try (Writer writer = Files.newBufferedWriter(properties, StandardCharsets.UTF_8)) {
                properties(node, home).store(writer, null);
            }
            nodes[node] = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            ClusterNode.class.getName(),
                            properties.toString(),
                            id)
                    .redirectErrorStream(true)
                    .redirectOutput(home.resolve("out").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// As `kill -9`.
    public void kill(int node) {
        Process process = nodes[node];
        if (process != null) {
            try {
                process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Waits until so many brokers take part.
    public void awaitBrokers(int count) {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (brokers() != count) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("there are not " + count + " brokers, see " + directory);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private int brokers() {
        try (Admin admin = cluster().admin()) {
            return cluster()
                    .await(admin.describeCluster().nodes(), "looking at the cluster")
                    .size();
        } catch (ClusterException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        IntStream.range(0, NODES).forEach(this::kill);
    }

    private Properties properties(int node, Path home) {
        Properties properties = new Properties();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", Integer.toString(node + 1));
        properties.put(
                "listeners",
                "PLAINTEXT://127.0.0.1:" + ports.get(node) + ",CONTROLLER://127.0.0.1:" + controllerPorts.get(node));
        properties.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + ports.get(node));
        properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put(
                "controller.quorum.voters",
                IntStream.range(0, NODES)
                        .mapToObj(other -> (other + 1) + "@127.0.0.1:" + controllerPorts.get(other))
                        .collect(Collectors.joining(",")));
        properties.put("log.dirs", home.resolve("log").toString());
        properties.put("auto.create.topics.enable", "false");
        properties.put("default.replication.factor", "3");
        properties.put("offsets.topic.num.partitions", "1");
        properties.put("offsets.topic.replication.factor", "3");
        properties.put("transaction.state.log.num.partitions", "1");
        properties.put("transaction.state.log.replication.factor", "3");
        properties.put("transaction.state.log.min.isr", "2");
        properties.put("group.initial.rebalance.delay.ms", "0");
        properties.put("message.max.bytes", Integer.toString(16 << 20));
        properties.put("num.io.threads", "2");
        properties.put("num.network.threads", "1");
        properties.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
        // A broker that is killed is noticed soon.
        properties.put("broker.session.timeout.ms", "3000");
        return properties;
    }

    private static List<Integer> freePorts(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            sockets.forEach(TestCluster::close);
        }
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
