package dev.dyadic.ingest.job;

import dev.dyadic.ingest.IngestException;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.avro.IngestPosition;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.OpenTransactions;
import dev.dyadic.proto.kafka.TopicPlan;
import dev.dyadic.proto.kafka.TopicSetup;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/// The topic on which the positions of jobs are kept.
public final class JobTopic {
    private static final Duration STALL = Duration.ofSeconds(30);
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
            setup.create(plan, setup.replication(topics.documents()));
            setup.check(plan);
        }
    }

    /// The last position of every input of every job, by job and input, in the order in which they were begun; empty
    /// where no job was ever started.
    public Map<String, Map<String, IngestPosition>> read() {
        Map<String, Map<String, IngestPosition>> jobs = new LinkedHashMap<>();
        if (!exists()) {
            return jobs;
        }
        TopicPartition partition = partition();
        try (Consumer<byte[], byte[]> consumer = cluster.consumer(Map.of())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            long deadline = System.nanoTime() + STALL.toNanos();
            long position = consumer.position(partition);
            while (position < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    add(jobs, record);
                }
                long before = position;
                position = consumer.position(partition);
                if (position > before) {
                    deadline = System.nanoTime() + STALL.toNanos();
                } else if (System.nanoTime() - deadline > 0) {
                    throw new ClusterException("reading " + topics.ingestJobs() + " stands still at offset " + position
                            + " of " + end + ": does Kafka answer?");
                }
            }
        } catch (KafkaException e) {
            throw new ClusterException("cannot read " + topics.ingestJobs() + ": " + e.getMessage(), e);
        }
        return jobs;
    }

    /// The last position of every input of a job.
    ///
    /// Waits for the transactions of other jobs that are open: behind one there may be positions of this job.
    Map<String, IngestPosition> read(String job) {
        try (Admin admin = cluster.admin()) {
            OpenTransactions.awaitEnd(cluster, admin, List.of(partition()));
        }
        return read().getOrDefault(job, Map.of());
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

    private TopicPartition partition() {
        return new TopicPartition(topics.ingestJobs(), 0);
    }

    private boolean exists() {
        try (Admin admin = cluster.admin()) {
            cluster.await(
                    admin.describeTopics(List.of(topics.ingestJobs())).allTopicNames(), "looking for the jobs topic");
            return true;
        } catch (ClusterException e) {
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
