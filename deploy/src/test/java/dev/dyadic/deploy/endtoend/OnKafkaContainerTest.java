package dev.dyadic.deploy.endtoend;

import dev.dyadic.proto.kafka.Cluster;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.platform.suite.api.AfterSuite;
import org.junit.platform.suite.api.BeforeSuite;
import org.junit.platform.suite.api.SelectClasses;
import org.junit.platform.suite.api.Suite;
import org.junit.platform.suite.api.SuiteDisplayName;
import org.testcontainers.kafka.KafkaContainer;

/// The tests that face Kafka, once more, on a Kafka in a container. Skipped where no Docker engine answers.
@Suite
@SuiteDisplayName("on a Kafka container")
@SelectClasses({ServingTest.class, LiveTest.class, RunChangesTest.class, IngestServerTest.class})
final class OnKafkaContainerTest {
    private static @Nullable KafkaContainer kafka;

    private OnKafkaContainerTest() {}

    @BeforeSuite
    static void start() {
        Docker.require();
        KafkaContainer container = Docker.kafka();
        container.start();
        kafka = container;
    }

    @AfterSuite
    static void stop() {
        if (kafka != null) {
            kafka.stop();
            kafka = null;
        }
    }

    /// Empty outside this suite.
    static Optional<Cluster> cluster() {
        return Optional.ofNullable(kafka).map(container -> Cluster.at(container.getBootstrapServers()));
    }
}
