package dev.dyadic.proto.kafka;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/// Notices that no broker answers any more, by asking every [#LOOK]. A service is not ready then: it can neither read
/// nor write, whatever it has. Safe for use by many threads.
public final class KafkaWatch implements AutoCloseable {
    static final Duration LOOK = Duration.ofSeconds(2);
    /// A broker that is started again, or a leader that moves, is no reason to call a service not ready.
    static final Duration SILENCE = Duration.ofSeconds(8);

    private final Cluster cluster;
    private final Thread thread;
    private volatile long answeredNanos = System.nanoTime();
    private volatile String failure = "";

    private KafkaWatch(Cluster cluster) {
        this.cluster = cluster;
        this.thread = Thread.ofPlatform().name("dyadic-kafka-watch").daemon().unstarted(this::run);
    }

    public static KafkaWatch start(Cluster cluster) {
        KafkaWatch watch = new KafkaWatch(cluster);
        watch.thread.start();
        return watch;
    }

    /// Why the service can do nothing; empty while Kafka answers.
    public Optional<String> silent() {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - answeredNanos);
        return seconds < SILENCE.toSeconds()
                ? Optional.empty()
                : Optional.of("Kafka at " + cluster.bootstrap() + " has not answered for " + seconds + " s"
                        + (failure.isEmpty() ? "" : ": " + failure));
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (Closing admin = new Closing(cluster.admin())) {
            while (true) {
                look(admin.admin());
                TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Does not wait for answers when it is closed.
    private record Closing(Admin admin) implements AutoCloseable {
        @Override
        public void close() {
            admin.close(Duration.ZERO);
        }
    }

    private void look(Admin admin) throws InterruptedException {
        try {
            // One that answers slowly is not gone.
            admin.describeCluster().clusterId().get(SILENCE.toNanos(), TimeUnit.NANOSECONDS);
            answeredNanos = System.nanoTime();
        } catch (ExecutionException e) {
            failure = String.valueOf(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
        } catch (TimeoutException e) {
            // It says nothing, which is what is told.
            failure = "";
        } catch (KafkaException e) {
            failure = String.valueOf(e.getMessage());
        }
    }
}
