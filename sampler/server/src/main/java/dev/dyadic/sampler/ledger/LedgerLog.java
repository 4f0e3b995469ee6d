package dev.dyadic.sampler.ledger;

import dev.dyadic.proto.Limits;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.kafka.LedgerRecords;
import dev.dyadic.proto.kafka.LedgerTopic;
import dev.dyadic.sampler.order.LedgerState;
import dev.dyadic.sampler.order.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the ledger into a [LedgerState] on one thread, and appends to it. Acts only on what was read back.
public final class LedgerLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerLog.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final long CHECK_MILLIS = 5_000;
    /// How long an append may take for which nobody waits.
    public static final long APPEND_MILLIS = 15_000;
    /// Outcomes kept for callers that still wait for the read-back of their record.
    private static final int MAX_OUTCOMES = 4096;

    private static final byte[] NO_VALUE = {};

    private final TopicPartition partition;
    private final LedgerState state;
    private final Signal signal;
    private final Consumer<byte[], byte[]> consumer;
    private final Producer<byte[], byte[]> producer;
    private final ExecutorService senders = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("dyadic-append").factory());
    private final FoldedPrefix prefix;
    private final Thread thread;
    private final Map<Long, Outcome> outcomes = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Outcome> eldest) {
            return size() > MAX_OUTCOMES;
        }
    };
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;

    private LedgerLog(Cluster cluster, Corpus corpus, Path directory, Signal signal) {
        this.partition = new TopicPartition(corpus.topics().ledger(), 0);
        this.state = new LedgerState(corpus.settings());
        this.prefix = new FoldedPrefix(
                directory, partition.topic(), String.valueOf(corpus.topicIds().get(partition.topic())));
        this.signal = signal;
        this.consumer = cluster.consumer(Map.of());
        this.producer = cluster.producer(Map.of(
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                Limits.MAX_LEDGER_RECORD_BYTES,
                ProducerConfig.LINGER_MS_CONFIG,
                0));
        this.thread = Thread.ofPlatform().name("dyadic-ledger").unstarted(this::readOn);
    }

    /// Opens the ledger and reads what is there.
    ///
    /// @param directory of this replica's rows, where it notes how much it has read
    /// @param signal raised whenever a record was folded
    /// @throws LedgerException where the ledger lacks records that it had, or cannot be read
    public static LedgerLog open(Cluster cluster, Corpus corpus, Path directory, Signal signal) {
        LedgerLog log = new LedgerLog(cluster, corpus, directory, signal);
        try {
            log.readToEnd();
        } catch (KafkaException e) {
            log.closeClients();
            throw new LedgerException("cannot read " + log.partition.topic() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            log.closeClients();
            throw e;
        }
        log.thread.start();
        return log;
    }

    public LedgerState state() {
        return state;
    }

    /// Appends a record and waits until it was read back. Where Kafka does not answer in time, the record may come into
    /// the ledger later: it counts then as if it had been appended late.
    ///
    /// @param deadlineNanos on the clock of [System#nanoTime]
    /// @return what it did when it was folded, here as on every other replica
    public Outcome append(SpecificRecordBase record, long deadlineNanos) throws InterruptedException {
        long offset = send(record, deadlineNanos);
        while (true) {
            long seen = signal.version();
            Outcome outcome = outcome(offset);
            if (outcome != null) {
                return outcome;
            }
            requireAlive();
            if (!signal.await(seen, deadlineNanos - System.nanoTime())) {
                throw new LedgerException(
                        "record " + offset + " of " + partition.topic() + " was not read back within the call's time:"
                                + " does Kafka answer?",
                        null);
            }
        }
    }

    /// A producer may block before it sends, for as long as it does not know the topic's leader: so it has a thread.
    private long send(SpecificRecordBase record, long deadlineNanos) throws InterruptedException {
        ProducerRecord<byte[], byte[]> sent = LedgerRecords.of(partition, state.headers(record), record);
        Future<Long> offset = senders.submit(() -> producer.send(sent).get().offset());
        try {
            return offset.get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new LedgerException("cannot append to " + partition.topic() + ": " + e.getMessage(), e);
        } catch (TimeoutException e) {
            throw new LedgerException(
                    "Kafka has not said within the call's time that " + partition.topic()
                            + " has the record: it may come"
                            + " into it later; look before you ask for the same change again",
                    e);
        } finally {
            offset.cancel(true);
        }
    }

    @Override
    public void close() {
        closed = true;
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeClients();
    }

    private void closeClients() {
        senders.shutdownNow();
        consumer.close();
        producer.close();
    }

    /// Throws where the reading thread has ended.
    public void requireAlive() {
        Throwable cause = failure;
        if (cause instanceof LedgerException lost) {
            throw lost;
        }
        if (cause != null) {
            throw new LedgerException("reading " + partition.topic() + " failed: " + cause.getMessage(), cause);
        }
        if (closed) {
            throw new LedgerException("the ledger is closed", null);
        }
    }

    private void readToEnd() {
        consumer.assign(List.of(partition));
        LedgerTopic.Extent extent = LedgerTopic.Extent.of(consumer, partition);
        prefix.requireWhole(extent);
        consumer.seek(partition, 0);
        while (consumer.position(partition) < extent.end()) {
            poll();
        }
    }

    private void readOn() {
        try {
            long nextCheck = Signal.deadlineIn(CHECK_MILLIS);
            while (!closed) {
                poll();
                if (System.nanoTime() - nextCheck >= 0) {
                    check();
                    nextCheck = Signal.deadlineIn(CHECK_MILLIS);
                }
            }
        } catch (WakeupException e) {
            LOG.debug("ledger reader was woken to end");
        } catch (Throwable e) {
            failure = e;
            LOG.error("ledger reader failed, topic={}", partition.topic(), e);
            signal.raise();
        }
    }

    /// Whether the ledger still has all that was folded. While Kafka does not answer, nothing is known.
    private void check() {
        try {
            prefix.requireWhole(LedgerTopic.Extent.of(consumer, partition));
        } catch (org.apache.kafka.common.errors.TimeoutException e) {
            LOG.debug("cannot look at the ledger's extent", e);
        }
    }

    private void poll() {
        ConsumerRecords<byte[], byte[]> records;
        try {
            records = consumer.poll(POLL);
        } catch (InvalidOffsetException e) {
            prefix.requireWhole(LedgerTopic.Extent.of(consumer, partition));
            throw e;
        }
        for (ConsumerRecord<byte[], byte[]> record : records) {
            prefix.add(record.offset(), record.value() == null ? NO_VALUE : record.value());
            Outcome fold = state.apply(
                    record.offset(),
                    record.value() == null ? NO_VALUE : record.value(),
                    LedgerRecords.headers(record.headers()));
            switch (fold) {
                case Outcome.Accepted() -> {}
                case Outcome.AmendmentTaken(long cycle, long _) ->
                    LOG.info("run amended, offset={} cycle={}", record.offset(), cycle);
                case Outcome.Ignored(String reason) ->
                    LOG.debug("ledger record ignored, offset={} reason={}", record.offset(), reason);
                case Outcome.Unknown(String needs) ->
                    LOG.error("ledger record of a later release, offset={} reason={}", record.offset(), needs);
                case Outcome.Invalid(String reason) ->
                    LOG.warn("ledger record is not valid, offset={} reason={}", record.offset(), reason);
            }
            synchronized (outcomes) {
                outcomes.put(record.offset(), fold);
            }
            signal.raise();
        }
        prefix.save();
    }

    private @Nullable Outcome outcome(long offset) {
        synchronized (outcomes) {
            return outcomes.get(offset);
        }
    }
}
