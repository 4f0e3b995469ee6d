package dev.dyadic.ingest.job;

import dev.dyadic.ingest.IngestException;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.avro.IngestPosition;
import dev.dyadic.proto.kafka.Cluster;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;

/// Publishes what a job reads, in transactions that also hold how far it has read: after any end, another start goes on
/// exactly there.
///
/// A transaction is committed after a while, also while the input has nothing more to read.
public final class JobPublisher implements Publisher {
    /// Documents of others wait behind an open transaction, so it is short.
    private static final Duration COMMIT_EVERY = Duration.ofMillis(200);

    /// What a commit may still have to send.
    private static final long COMMIT_BYTES = 32L << 20;
    /// After this, Kafka gives up a transaction of a job that was killed, and those who wait for it go on.
    private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(30);

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final JobTopic topic;
    private final Job job;
    private final InstantSource clock;
    private final Producer<byte[], byte[]> producer;
    private final Map<String, IngestPosition> found;
    /// Inputs whose position has changed since the last commit.
    private final Map<String, InputState> changed = new LinkedHashMap<>();
    /// Held while a record and its position belong to no transaction or to different ones.
    private final ReentrantLock lock = new ReentrantLock();
    private final Thread committer;
    /// Inputs of the job whose positions the first transaction takes away.
    private List<String> toForget;

    private boolean isOpen;
    private boolean isClosed;
    private long openedNanos;
    private long openBytes;
    private @Nullable RuntimeException failure;

    /// Takes the job over from whoever else has it, and reads how far it has come.
    ///
    /// @param again whether it begins anew, whatever was read before
    public JobPublisher(
            Cluster cluster, Topics topics, Job job, boolean again, InstantSource clock, Map<String, Object> settings) {
        this.topic = new JobTopic(cluster, topics);
        this.job = job;
        this.clock = clock;
        topic.ensure();
        Map<String, Object> transactional = new HashMap<>(settings);
        transactional.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, topics.ingestJobs() + "." + job.name());
        transactional.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) TRANSACTION_TIMEOUT.toMillis());
        transactional.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Limits.MAX_DOCUMENT_RECORD_BYTES);
        this.producer = cluster.producer(transactional);
        try {
            producer.initTransactions();
            Map<String, IngestPosition> before = topic.read(job.name());
            this.found = again ? Map.of() : before;
            this.toForget = again ? List.copyOf(before.keySet()) : List.of();
        } catch (KafkaException e) {
            producer.close();
            throw explained(e);
        } catch (RuntimeException e) {
            producer.close();
            throw e;
        }
        checkSettings();
        this.committer =
                Thread.ofPlatform().daemon().name("dyadic-ingest-commit").start(this::commitNowAndThen);
    }

    @Override
    public @Nullable InputState found(String input, long sizeBytes, long beginDigest) {
        IngestPosition position = found.get(input);
        if (position == null) {
            return null;
        }
        InputState state = InputState.of(position);
        return state.isOf(sizeBytes, beginDigest) ? state : null;
    }

    @Override
    public boolean wasFound(String input) {
        return found.containsKey(input);
    }

    @Override
    public void publish(List<ProducerRecord<byte[], byte[]>> records, InputState state, Runnable advance) {
        lock.lock();
        try {
            throwIfFailed();
            if (!isOpen) {
                producer.beginTransaction();
                isOpen = true;
                openedNanos = System.nanoTime();
                openBytes = 0;
                toForget.forEach(input -> {
                    var _ = producer.send(topic.forget(job, input));
                });
                toForget = List.of();
            }
            for (ProducerRecord<byte[], byte[]> record : records) {
                byte[] value = record.value();
                openBytes += value == null ? 0 : value.length;
                var _ = producer.send(record);
            }
            advance.run();
            changed.put(state.input(), state);
            if (openBytes > COMMIT_BYTES || isDue()) {
                commit();
            }
        } catch (KafkaException e) {
            failure = explained(e);
            throw failure;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void flush() {
        lock.lock();
        try {
            throwIfFailed();
            if (isOpen) {
                commit();
            }
        } finally {
            lock.unlock();
        }
    }

    /// What was not committed is given up.
    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            if (isOpen && failure == null) {
                producer.abortTransaction();
            }
        } catch (KafkaException e) {
            // Kafka gives it up by itself.
        } finally {
            lock.unlock();
        }
        LockSupport.unpark(committer);
        // What has failed has nothing to wait for.
        producer.close(failure == null ? CLOSE_TIMEOUT : Duration.ZERO);
    }

    private void commit() {
        try {
            long now = clock.millis();
            changed.values().forEach(state -> {
                var _ = producer.send(topic.record(job, state, now));
            });
            producer.commitTransaction();
            changed.clear();
            isOpen = false;
        } catch (KafkaException e) {
            failure = explained(e);
            throw failure;
        }
    }

    private void commitNowAndThen() {
        while (true) {
            LockSupport.parkNanos(COMMIT_EVERY.toNanos() / 4);
            lock.lock();
            try {
                if (isClosed || failure != null) {
                    return;
                }
                if (isOpen && isDue()) {
                    commit();
                }
            } catch (IngestException e) {
                // Whoever reads meets it with the next document.
            } finally {
                lock.unlock();
            }
        }
    }

    private boolean isDue() {
        return System.nanoTime() - openedNanos >= COMMIT_EVERY.toNanos();
    }

    private void throwIfFailed() {
        if (failure != null) {
            throw failure;
        }
    }

    private void checkSettings() {
        for (IngestPosition position : found.values()) {
            if (!position.getSettings().equals(job.settings())) {
                producer.close();
                throw new IngestException(
                        "job " + job.name()
                                + " was begun with other settings (fields, source, format, long texts or sampling): give the same"
                                + " ones, another --job, or --again to read everything anew",
                        null);
            }
        }
    }

    private IngestException explained(KafkaException cause) {
        if (cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException) {
            return new IngestException(
                    "job " + job.name() + " was taken over by another ingest, or this one stood still for more than "
                            + TRANSACTION_TIMEOUT.toSeconds()
                            + " s. Start the command again: it goes on where the last commit ended.",
                    cause);
        }
        Throwable why = cause.getCause() == null ? cause : cause.getCause();
        return new IngestException(
                "Kafka did not take documents: " + why.getMessage()
                        + ". Start the command again: it goes on where the last commit ended.",
                cause);
    }
}
