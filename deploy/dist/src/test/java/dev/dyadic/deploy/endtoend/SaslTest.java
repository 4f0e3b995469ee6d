package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.output.ToStringConsumer;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/// A Kafka that asks for a password, which comes from the environment.
@NeedsDocker(image = true)
class SaslTest {
    private static final String PASSWORD = "the-right-password-6b1d";
    private static final String WRONG_PASSWORD = "a-wrong-password-c94e";
    private static final String CONFIG = """
            security.protocol=SASL_PLAINTEXT
            sasl.mechanism=PLAIN
            sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="dyadic" password="${env:KAFKA_PASSWORD}";
            """;

    private static final List<AutoCloseable> PARTS = new ArrayList<>();
    private static Network network = null;

    @BeforeAll
    static void start() {
        network = Network.newNetwork();
        PARTS.add(network);
        GenericContainer<?> kafka = new GenericContainer<>(DockerImageName.parse(Docker.kafkaImage()))
                .withNetwork(network)
                .withNetworkAliases("kafka")
                .withEnv(Map.of(
                        "KAFKA_NODE_ID", "1",
                        "KAFKA_PROCESS_ROLES", "broker,controller",
                        "KAFKA_LISTENERS", "SASL_PLAINTEXT://:9092,CONTROLLER://:9093",
                        "KAFKA_ADVERTISED_LISTENERS", "SASL_PLAINTEXT://kafka:9092",
                        "KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER",
                        "KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093",
                        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT",
                        "KAFKA_INTER_BROKER_LISTENER_NAME", "SASL_PLAINTEXT",
                        "KAFKA_SASL_ENABLED_MECHANISMS", "PLAIN",
                        "KAFKA_SASL_MECHANISM_INTER_BROKER_PROTOCOL", "PLAIN"))
                .withEnv(
                        "KAFKA_LISTENER_NAME_SASL__PLAINTEXT_PLAIN_SASL_JAAS_CONFIG",
                        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"dyadic\" password=\""
                                + PASSWORD + "\" user_dyadic=\"" + PASSWORD + "\";")
                .withEnv("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1")
                .withEnv("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1")
                .withEnv("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1")
                .waitingFor(Wait.forLogMessage(".*Kafka Server started.*", 1));
        PARTS.add(kafka);
        kafka.start();
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable part : PARTS.reversed()) {
            part.close();
        }
    }

    @Test
    void aPasswordFromTheEnvironmentLetsInAndAWrongOneDoesNot() {
        GenericContainer<?> right = init(PASSWORD);
        right.start();
        assertThat(right.getLogs()).contains("Corpus main is ready").doesNotContain(PASSWORD);

        // A container that fails is gone, and its log with it.
        ToStringConsumer log = new ToStringConsumer();
        GenericContainer<?> wrong = init(WRONG_PASSWORD).withLogConsumer(log);
        assertThat(start(wrong)).isFalse();
        assertThat(log.toUtf8String()).contains("Authentication failed").doesNotContain(WRONG_PASSWORD, PASSWORD);
    }

    private static boolean start(GenericContainer<?> container) {
        try {
            container.start();
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static GenericContainer<?> init(String password) {
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(Docker.image()))
                .withNetwork(network)
                .withEnv("KAFKA_PASSWORD", password)
                .withCopyToContainer(Transferable.of(CONFIG), "/data/client.properties")
                .withCommand(
                        "init",
                        "-v",
                        "--kafka",
                        "kafka:9092",
                        "--kafka-config",
                        "/data/client.properties",
                        "--tokenizer",
                        "bytes",
                        "--partitions",
                        "1")
                .withStartupCheckStrategy(new OneShotStartupCheckStrategy());
        PARTS.add(container);
        return Objects.requireNonNull(container);
    }
}
