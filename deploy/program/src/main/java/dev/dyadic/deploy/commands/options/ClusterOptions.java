package dev.dyadic.deploy.commands.options;

import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which Kafka, which corpus.
public final class ClusterOptions {
    public static final String DEFAULT_KAFKA = "127.0.0.1:9092";

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:DYADIC_KAFKA:-" + DEFAULT_KAFKA + "}",
            description = "Kafka's bootstrap servers; default $$DYADIC_KAFKA or " + DEFAULT_KAFKA + ".")
    private String kafka = DEFAULT_KAFKA;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "A properties file with more client settings: TLS, SASL and others.")
    private @Nullable Path kafkaConfig;

    @Option(
            names = "--prefix",
            defaultValue = "dyadic",
            description = "What the names of all topics start with; default ${DEFAULT-VALUE}.")
    private String prefix = "dyadic";

    @Option(names = "--corpus", defaultValue = "main", description = "Name of the corpus; default ${DEFAULT-VALUE}.")
    private String corpus = "main";

    public Cluster cluster() {
        return new Cluster(kafka, clientProperties());
    }

    public Topics topics() {
        return new Topics(prefix, corpus);
    }

    /// The corpus, with its topics checked.
    public Corpus openCorpus(Cluster cluster) {
        return Corpus.open(cluster, topics(), Optional.empty());
    }

    private Map<String, String> clientProperties() {
        if (kafkaConfig == null) {
            return Map.of();
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(kafkaConfig)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new InvalidException(
                    "--kafka-config must be a readable properties file, but " + kafkaConfig + " is not: "
                            + e.getMessage(),
                    e);
        }
        return properties.stringPropertyNames().stream()
                .collect(Collectors.toMap(name -> name, properties::getProperty));
    }
}
