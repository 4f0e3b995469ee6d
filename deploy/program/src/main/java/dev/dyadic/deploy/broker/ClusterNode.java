package dev.dyadic.deploy.broker;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/// One node of a cluster of several, as Kafka's own settings describe it: for trying what happens when one of them
/// fails.
public final class ClusterNode implements AutoCloseable {
    private final KafkaRaftServer server;
    private final AtomicBoolean closed = new AtomicBoolean();

    private ClusterNode(KafkaRaftServer server) {
        this.server = server;
    }

    /// Formats the node's directory where it is empty, and starts the node; the others may be down.
    ///
    /// @param settings a properties file with `node.id` and one directory in `log.dirs`
    /// @param clusterId the same for all nodes
    public static ClusterNode start(Path settings, String clusterId) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(settings, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new BrokerException("cannot read Kafka's settings in " + settings + ": " + e.getMessage(), e);
        }
        try {
            LogDirectory.format(
                    Path.of(required(properties, settings, "log.dirs")),
                    Integer.parseInt(required(properties, settings, "node.id")),
                    Uuid.fromString(clusterId));
            KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
            server.startup();
            return new ClusterNode(server);
        } catch (KafkaException | IllegalArgumentException e) {
            throw new BrokerException("cannot start a node of Kafka from " + settings + ": " + e.getMessage(), e);
        }
    }

    private static String required(Properties properties, Path settings, String key) {
        String value = properties.getProperty(key);
        if (value == null) {
            throw new BrokerException("Kafka's settings in " + settings + " have no " + key, null);
        }
        return value;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            server.shutdown();
            server.awaitShutdown();
        }
    }
}
