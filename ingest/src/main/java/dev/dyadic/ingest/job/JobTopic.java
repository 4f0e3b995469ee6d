package dev.dyadic.ingest.job;

import dev.dyadic.ingest.IngestException;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.avro.IngestPosition;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.TopicPlan;
import dev.dyadic.proto.kafka.TopicSetup;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/// The topic on which the positions of jobs are kept.
public final class JobTopic {
    /// Longer than a transaction of a job that was killed stays open.
    private static final Duration DECIDED_TIMEOUT = JobPublisher.TRANSACTION_TIMEOUT.plusSeconds(30);

    private static final Duration POLL = Duration.ofMillis(200);

    private final Cluster cluster;
    private final Topics topics;

    public JobTopic(Cluster cluster, Topics topics) {
        this.cluster = cluster;
        this.topics = topics;
    }

    /// Creates the topic where it is not there, and checks it.
    public void ensure() {
        try (Admin admin = cluster.admin()) {
            TopicSetup setup = new TopicSetup(cluster, admin);
            List<TopicPlan> plan = List.of(TopicPlan.ofIngestJobs(topics));
            setup.create(plan, Optional.empty());
            setup.check(plan);
        }
    }

    /// The last position of every input of every job, by job and input, in the order in which they were begun; empty
    /// where no job was ever started.
    public Map<String, Map<String, IngestPosition>> read() {
        return exists() ? read(IsolationLevel.READ_COMMITTED) : Map.of();
    }

    /// @param upTo whether what lies behind an open transaction of any job is waited for
    private Map<String, Map<String, IngestPosition>> read(IsolationLevel upTo) {
        Map<String, Map<String, IngestPosition>> jobs = new LinkedHashMap<>();
        TopicPartition partition = new TopicPartition(topics.ingestJobs(), 0);
        long end = end(partition, upTo);
        long deadline = System.nanoTime() + DECIDED_TIMEOUT.toNanos();
        try (Consumer<byte[], byte[]> consumer = cluster.consumer(Map.of())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (consumer.position(partition) < end) {
                if (System.nanoTime() - deadline > 0) {
                    throw new IngestException(
                            "a transaction on " + partition + " has been open at offset " + consumer.position(partition)
                                    + " for " + DECIDED_TIMEOUT.toSeconds()
                                    + " s, so nobody can tell how far jobs have come: start the command again later",
                            null);
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    add(jobs, record);
                }
            }
        }
        return jobs;
    }

    /// The last position of every input of a job.
    ///
    /// Waits for the transactions of other jobs that are open: behind one there may be positions of this job.
    Map<String, IngestPosition> read(String job) {
        return read(IsolationLevel.READ_UNCOMMITTED).getOrDefault(job, Map.of());
    }

    /// Makes a position be forgotten.
    ProducerRecord<byte[], byte[]> forget(Job job, String input) {
        return new ProducerRecord<>(topics.ingestJobs(), key(job, input), null);
    }

    ProducerRecord<byte[], byte[]> record(Job job, InputState state, long nowMillis) {
        return new ProducerRecord<>(
                topics.ingestJobs(),
                key(job, state.input()),
                Codecs.INGEST_POSITION.encode(state.record(job, nowMillis)));
    }

    private static byte[] key(Job job, String input) {
        return (job.name() + "\0" + input).getBytes(StandardCharsets.UTF_8);
    }

    private long end(TopicPartition partition, IsolationLevel isolation) {
        try (Admin admin = cluster.admin()) {
            return cluster.await(
                            admin.listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(isolation))
                                    .partitionResult(partition),
                            "looking for the end of the jobs topic")
                    .offset();
        }
    }

    private boolean exists() {
        try (Admin admin = cluster.admin()) {
            cluster.await(
                    admin.describeTopics(List.of(topics.ingestJobs())).allTopicNames(), "looking for the jobs topic");
            return true;
        } catch (dev.dyadic.proto.kafka.ClusterException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw e;
        }
    }

    private static void add(Map<String, Map<String, IngestPosition>> jobs, ConsumerRecord<byte[], byte[]> record) {
        byte[] value = record.value();
        if (value == null) {
            String[] key = new String(record.key(), StandardCharsets.UTF_8).split("\0", 2);
            jobs.getOrDefault(key[0], new LinkedHashMap<>()).remove(key[key.length - 1]);
            return;
        }
        try {
            IngestPosition position = Codecs.INGEST_POSITION.decode(value);
            jobs.computeIfAbsent(position.getJob(), _ -> new LinkedHashMap<>()).put(position.getInput(), position);
        } catch (UnreadableRecordException e) {
            throw new IngestException(
                    "cannot read how far jobs have come: offset " + record.offset() + " of " + record.topic() + ": "
                            + e.getMessage(),
                    e);
        }
    }
}
