package dev.dyadic.deploy.endtoend;

import org.junit.jupiter.api.Assumptions;
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

    /// Skips the test, visibly, where no Docker engine answers.
    static void require() {
        demand(
                DockerClientFactory.instance().isDockerAvailable(),
                "no Docker engine answers: start one, or set DOCKER_HOST");
    }

    static KafkaContainer kafka() {
        return new KafkaContainer(DockerImageName.parse(System.getProperty(KAFKA_IMAGE, "apache/kafka:4.3.1"))
                .asCompatibleSubstituteFor("apache/kafka"));
    }

    /// Skips the test, visibly, where our image is not built.
    static String image() {
        String image = System.getProperty(IMAGE, "");
        demand(!image.isEmpty(), "name the image that deploy/images/build made with -D" + IMAGE + "=dyadic:TAG");
        return image;
    }

    private static void demand(boolean there, String reason) {
        if ("required".equals(System.getProperty(CONTAINERS))) {
            if (!there) {
                throw new IllegalStateException(reason);
            }
            return;
        }
        Assumptions.assumeTrue(there, reason);
    }
}
