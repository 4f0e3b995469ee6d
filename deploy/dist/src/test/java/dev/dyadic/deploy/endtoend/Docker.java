package dev.dyadic.deploy.endtoend;

import java.util.Optional;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/// The Docker engine that tests with containers need, and the images that they start.
final class Docker {
    /// `required`: tests fail, in place of being skipped, where there is no engine or no image.
    private static final String CONTAINERS = "dyadic.test.containers";
    /// Any image that starts as `apache/kafka` does.
    private static final String KAFKA_IMAGE = "dyadic.test.kafka.image";
    /// Ours: see deploy/images/build.
    private static final String IMAGE = "dyadic.test.image";

    private Docker() {}

    /// What a test with containers lacks.
    static Optional<String> missing(boolean image) {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            return Optional.of("no Docker engine answers: start one, or set DOCKER_HOST");
        }
        return image && image().isEmpty()
                ? Optional.of("name the image that deploy/images/build made: -D" + IMAGE + "=dyadic:TAG")
                : Optional.empty();
    }

    static boolean isRequired() {
        return "required".equals(System.getProperty(CONTAINERS));
    }

    static KafkaContainer kafka() {
        return new KafkaContainer(DockerImageName.parse(kafkaImage()).asCompatibleSubstituteFor("apache/kafka"));
    }

    static String kafkaImage() {
        return System.getProperty(KAFKA_IMAGE, "apache/kafka:4.3.1");
    }

    static String image() {
        return System.getProperty(IMAGE, "");
    }
}
