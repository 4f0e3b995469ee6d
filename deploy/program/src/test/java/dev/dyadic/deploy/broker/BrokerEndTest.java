package dev.dyadic.deploy.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerEndTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void theReasonNamesTheDirectory() {
        assertThat(BrokerEnd.reason(directory)).contains("Kafka has ended, with its data in " + directory);
        Path gone = directory.resolve("gone");
        assertThat(BrokerEnd.reason(gone)).contains(gone + " cannot be read");
    }
}
