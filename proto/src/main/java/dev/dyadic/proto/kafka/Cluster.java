package dev.dyadic.proto.kafka;

import dev.dyadic.proto.InvalidException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// Where the Kafka cluster is and how to reach it. Makes the clients, so that each is configured in one place.
///
/// @param bootstrap host:port, or several with commas
/// @param clientProperties passed through to every client: TLS, SASL and whatever else a cluster needs
public record Cluster(String bootstrap, Map<String, String> clientProperties) {
    /// How long one administrative call may take.
    public static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(10);

    private static final int DELIVERY_TIMEOUT_MILLIS = 120_000;
    /// Lets values be `${env:NAME}`, `${file:PATH:KEY}` of a properties file, or `${directory:DIR:FILE}`.
    private static final Map<String, String> SECRETS_FROM_ELSEWHERE = Map.of(
            "config.providers", "env,file,directory",
            "config.providers.env.class", EnvVarConfigProvider.class.getName(),
            "config.providers.file.class", FileConfigProvider.class.getName(),
            "config.providers.directory.class", DirectoryConfigProvider.class.getName());

    public Cluster {
        if (bootstrap.isBlank()) {
            throw new InvalidException("kafka must be host:port, but was empty");
        }
        clientProperties = Map.copyOf(clientProperties);
    }

    public static Cluster at(String bootstrap) {
        return new Cluster(bootstrap, Map.of());
    }

    public Admin admin() {
        Map<String, Object> properties = base();
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) ADMIN_TIMEOUT.toMillis() / 3);
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) ADMIN_TIMEOUT.toMillis());
        return Admin.create(properties);
    }

    /// Reads committed records only, and never moves by itself to another offset. The caller assigns partitions.
    public Consumer<byte[], byte[]> consumer(Map<String, Object> more) {
        Map<String, Object> properties = base();
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) ADMIN_TIMEOUT.toMillis());
        properties.putAll(more);
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /// Idempotent, acknowledged by all replicas.
    public Producer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> properties = base();
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MILLIS);
        properties.putAll(more);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /// The properties that every client of this cluster has.
    public Map<String, Object> base() {
        Map<String, Object> properties = new HashMap<>();
        properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        SECRETS_FROM_ELSEWHERE.forEach(properties::put);
        properties.putAll(clientProperties);
        return properties;
    }

    /// Values are not shown: passwords may be among them.
    @Override
    public String toString() {
        return "Cluster[bootstrap=" + bootstrap + ", clientProperties=" + new TreeSet<>(clientProperties.keySet())
                + "]";
    }

    /// Waits for an administrative call and turns its failure into one clear line.
    public <T> T await(KafkaFuture<T> future, String doing) {
        try {
            return future.get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failed(doing, e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw unreachable(doing, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("interrupted while " + doing, e);
        }
    }

    private ClusterException failed(String doing, Throwable cause) {
        if (cause instanceof org.apache.kafka.common.errors.TimeoutException) {
            return unreachable(doing, cause);
        }
        String retry = cause instanceof RetriableException ? "; try again" : "";
        return new ClusterException(
                "Kafka at " + bootstrap + " refused " + doing + ": " + cause.getMessage() + retry, cause);
    }

    private ClusterException unreachable(String doing, Throwable cause) {
        return new ClusterException(
                "no Kafka answers at " + bootstrap + " (" + doing + " took over " + ADMIN_TIMEOUT.toSeconds()
                        + " s): start one with 'dyadic broker', or name another with --kafka",
                cause);
    }
}
