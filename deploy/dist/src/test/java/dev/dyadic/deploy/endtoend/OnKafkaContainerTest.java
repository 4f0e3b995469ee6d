package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.kafka.Cluster;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;
import org.testcontainers.kafka.KafkaContainer;

/// The tests that face Kafka, once more, on a Kafka in a container.
@NeedsDocker
class OnKafkaContainerTest {
    private static @Nullable KafkaContainer kafka;

    @BeforeAll
    static void start() {
        KafkaContainer container = Docker.kafka();
        container.start();
        kafka = container;
    }

    @AfterAll
    static void stop() {
        if (kafka != null) {
            kafka.stop();
            kafka = null;
        }
    }

    /// Empty outside this class.
    static Optional<Cluster> cluster() {
        return Optional.ofNullable(kafka).map(container -> Cluster.at(container.getBootstrapServers()));
    }

    @ParameterizedTest
    @ValueSource(classes = {ServingTest.class, LiveTest.class, IngestServerTest.class})
    void everyTestOf(Class<?> tests) {
        Events events = EngineTestKit.engine("junit-jupiter")
                .selectors(DiscoverySelectors.selectClass(tests))
                .execute()
                .testEvents();

        assertThat(events.failed().stream().flatMap(OnKafkaContainerTest::failure))
                .isEmpty();
        assertThat(events.succeeded().count()).isPositive();
    }

    private static Stream<String> failure(Event event) {
        return event.getPayload(org.junit.platform.engine.TestExecutionResult.class).stream()
                .map(result -> event.getTestDescriptor().getDisplayName() + ": " + result);
    }
}
