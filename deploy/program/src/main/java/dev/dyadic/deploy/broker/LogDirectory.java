package dev.dyadic.deploy.broker;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/// Where a Kafka node keeps its records and its metadata.
public final class LogDirectory {
    private LogDirectory() {}

    /// Formats the directory, once, with the release's own metadata version.
    ///
    /// @param clusterId the same for all nodes of a cluster
    public static void format(Path log, int node, Uuid clusterId) {
        if (Files.exists(log.resolve("meta.properties"))) {
            return;
        }
        try (PrintStream quiet = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            Files.createDirectories(log);
            new Formatter()
                    .setPrintStream(quiet)
                    .setClusterId(clusterId.toString())
                    .setNodeId(node)
                    .setControllerListenerName("CONTROLLER")
                    .setMetadataLogDirectory(log.toString())
                    .addDirectory(log.toString())
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .run();
        } catch (Exception e) {
            throw new BrokerException("cannot format " + log + " for Kafka: " + e.getMessage(), e);
        }
    }
}
