package dev.dyadic.deploy.faults;

import dev.dyadic.deploy.broker.FreePorts;
import dev.dyadic.deploy.local.Directories;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.common.Uuid;

/// Kafka nodes, brokers and controllers, each a process of its own that can be killed and started again. With three of
/// them every topic has three replicas.
public final class BrokerCluster implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final long POLL_NANOS = 50_000_000;

    private final Path directory;
    private final int count;
    private final String id = Uuid.randomUuid().toString();
    private final List<Integer> ports;
    private final List<Integer> controllerPorts;
    private final List<Victim> nodes = new ArrayList<>();

    /// Starts and returns when all brokers are there.
    ///
    /// @param count of nodes
    public BrokerCluster(Path directory, int count) {
        this.directory = directory;
        this.count = count;
        this.ports = freePorts(count);
        this.controllerPorts = freePorts(count);
        IntStream.range(0, count).forEach(node -> nodes.add(node(node)));
        nodes.forEach(Victim::start);
        awaitBrokers(count);
    }

    public int count() {
        return count;
    }

    public Cluster cluster() {
        return Cluster.at(ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(",")));
    }

    /// @param node from 0
    public void start(int node) {
        nodes.get(node).start();
    }

    /// Asks it to end, as an orchestrator does before it starts another version.
    public void stop(int node) {
        nodes.get(node).stop();
    }

    /// As `kill -9`.
    public void kill(int node) throws InterruptedException {
        nodes.get(node).kill();
    }

    /// Deletes what a node has on its disk; the node has to be down.
    public void deleteDisk(int node) throws IOException {
        Directories.delete(home(node).resolve("log"));
    }

    /// Starts what has ended by itself.
    void keep() {
        nodes.forEach(Victim::keep);
    }

    int starts() {
        return nodes.stream().mapToInt(Victim::starts).sum();
    }

    void signal(int node, String signal) throws IOException, InterruptedException {
        nodes.get(node).signal(signal);
    }

    private Path home(int node) {
        return directory.resolve("node-" + node);
    }

    private Victim node(int node) {
        Path home = home(node);
        Path properties = home.resolve("server.properties");
        try {
            Files.createDirectories(home);
            try (Writer writer = Files.newBufferedWriter(properties, StandardCharsets.UTF_8)) {
                properties(node, home).store(writer, null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Victim("broker-" + node, home, "broker", "--properties", properties.toString(), "--cluster-id", id);
    }

    /// Waits until every replica of every topic is in step.
    public void awaitInSync() {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (!isInSync()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("not every replica is in step, see " + directory);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private boolean isInSync() {
        Cluster cluster = cluster();
        try (Admin admin = cluster.admin()) {
            Set<String> topics = cluster.await(
                    admin.listTopics(new ListTopicsOptions().listInternal(true)).names(), "listing topics");
            return cluster.await(admin.describeTopics(topics).allTopicNames(), "looking at topics").values().stream()
                    .flatMap(topic -> topic.partitions().stream())
                    .allMatch(partition -> partition.isr().size() == count);
        } catch (ClusterException e) {
            return false;
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
        nodes.forEach(Victim::killAtLast);
    }

    private Properties properties(int node, Path home) {
        String replicas = Integer.toString(count);
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
                IntStream.range(0, count)
                        .mapToObj(other -> (other + 1) + "@127.0.0.1:" + controllerPorts.get(other))
                        .collect(Collectors.joining(",")));
        properties.put("log.dirs", home.resolve("log").toString());
        properties.put("auto.create.topics.enable", "false");
        properties.put("default.replication.factor", replicas);
        properties.put("offsets.retention.minutes", Integer.toString(Integer.MAX_VALUE));
        properties.put("log.retention.ms", "-1");
        properties.put("offsets.topic.num.partitions", "1");
        properties.put("offsets.topic.replication.factor", replicas);
        properties.put("transaction.state.log.num.partitions", "1");
        properties.put("transaction.state.log.replication.factor", replicas);
        properties.put("transaction.state.log.min.isr", count > 2 ? "2" : "1");
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
        return IntStream.range(0, count).mapToObj(node -> FreePorts.next()).toList();
    }
}
