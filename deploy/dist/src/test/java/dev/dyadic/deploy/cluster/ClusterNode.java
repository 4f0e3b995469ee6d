package dev.dyadic.deploy.cluster;

import dev.dyadic.deploy.broker.LogDirectory;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/// A program that is one node of a [TestCluster], until it is killed.
final class ClusterNode {
    private ClusterNode() {}

    /// @param arguments the node's properties file, and the cluster's id
    public static void main(String[] arguments) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(arguments[0]), StandardCharsets.UTF_8)) {
            properties.load(reader);
        }
        LogDirectory.format(
                Path.of(properties.getProperty("log.dirs")),
                Integer.parseInt(properties.getProperty("node.id")),
                Uuid.fromString(arguments[1]));
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
        server.startup();
        server.awaitShutdown();
    }
}
