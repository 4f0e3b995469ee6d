package dev.dyadic.deploy.bench;

import dev.dyadic.decomposer.DecomposerSettings;
import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.deploy.broker.EmbeddedBroker;
import dev.dyadic.deploy.local.Directories;
import dev.dyadic.deploy.local.Program;
import dev.dyadic.deploy.local.SampleFeed;
import dev.dyadic.ingest.Ingest;
import dev.dyadic.ingest.IngestProgress;
import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.kafka.DecomposerProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/// Documents on Kafka to rows on Kafka, exactly once, by one thread of a process that has just been started. Beside it,
/// in this process, which has the broker too: the same documents copied as they are, in transactions as long.
public final class DecomposeBench {
    private static final int PARTITIONS = 4;
    private static final String PREFIX = "bench";
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final double MEGABYTE = 1e6;
    private static final double NANOS = 1e9;

    private final Cluster cluster;
    private final Path directory;
    private final long textBytes;

    private DecomposeBench(Cluster cluster, Path directory, long bytes) {
        this.cluster = cluster;
        this.directory = directory;
        this.textBytes = bytes;
    }

    /// @param tokenizer one of [Tokenizers#NAMES]
    public static List<Figure> run(Optional<Path> file, int copies, int rounds, String tokenizer) {
        Path directory;
        try {
            directory = Files.createTempDirectory("dyadic-bench-");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a temporary directory", e);
        }
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("broker"), 0)) {
            Cluster cluster = Cluster.at(broker.bootstrap());
            Corpus first = corpus(cluster, 0, tokenizer);
            long bytes = publish(cluster, first.topics(), file, copies);
            return new DecomposeBench(cluster, directory, bytes).measure(rounds, tokenizer);
        } finally {
            Directories.delete(directory);
        }
    }

    private List<Figure> measure(int rounds, String tokenizer) {
        double[] rate = new double[rounds];
        double[] decomposerCpu = new double[rounds];
        double[] brokerCpu = new double[rounds];
        double[] copied = new double[rounds];
        double gigabytes = textBytes / 1e9;
        for (int round = 0; round < rounds; round++) {
            Corpus corpus = corpus(cluster, round, tokenizer);
            long ownBefore = cpuNanos(ProcessHandle.current());
            long begin = System.nanoTime();
            long childNanos = decompose(corpus, round);
            double seconds = (System.nanoTime() - begin) / NANOS;
            rate[round] = textBytes / MEGABYTE / seconds;
            decomposerCpu[round] = childNanos / NANOS / gigabytes;
            brokerCpu[round] = (cpuNanos(ProcessHandle.current()) - ownBefore) / NANOS / gigabytes;
            copied[round] = copy(corpus.topics(), round);
        }
        return List.of(
                Figure.of("text", "GB", gigabytes),
                Figure.of("decomposed by one thread, from the start of its process", "MB/s", rate),
                Figure.of("copied as it is, exactly once", "MB/s", copied),
                Figure.of("CPU of the decomposer", "s/GB", decomposerCpu),
                Figure.of("CPU of the broker", "s/GB", brokerCpu));
    }

    private static Corpus corpus(Cluster cluster, int round, String tokenizer) {
        String name = "round-" + round;
        CorpusSettings settings = new CorpusSettings(
                name,
                Tokenizers.named(tokenizer).identity(),
                Layout.NEXT_TOKEN,
                new Buckets(6, 13),
                LongDocuments.LONGEST_FIRST,
                0,
                0,
                PARTITIONS);
        return Corpus.init(cluster, new Topics(PREFIX, name), settings, Optional.empty(), InstantSource.system());
    }

    private static long publish(Cluster cluster, Topics topics, Optional<Path> file, int copies) {
        if (file.isEmpty()) {
            return SampleFeed.publishAll(cluster, topics, copies);
        }
        try (Ingest ingest = Ingest.direct(cluster, topics, "bench")) {
            ingest.read(Input.file(file.get()), IngestProgress.NONE);
            return ingest.flush().requireWhole().textBytes();
        }
    }

    /// @return CPU time of the process, in nanoseconds
    private long decompose(Corpus corpus, int round) {
        Path log = directory.resolve("decompose-" + round + ".log");
        try (Admin admin = cluster.admin();
                Consumer<byte[], byte[]> consumer = cluster.consumer(Map.of());
                Program decomposer = Program.start(
                        log,
                        "decompose",
                        "--kafka",
                        cluster.bootstrap(),
                        "--prefix",
                        PREFIX,
                        "--corpus",
                        corpus.topics().corpus(),
                        "--data",
                        directory.resolve("decomposer-" + round).toString())) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(documents(corpus.topics()));
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (!isDone(admin, corpus.topics(), ends)) {
                if (!decomposer.isAlive() || System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("the decomposer did not come to its end: " + Files.readString(log));
                }
                LockSupport.parkNanos(POLL.toNanos());
            }
            return ProcessHandle.of(decomposer.pid())
                    .map(DecomposeBench::cpuNanos)
                    .orElse(0L);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a decomposer", e);
        }
    }

    private boolean isDone(Admin admin, Topics topics, Map<TopicPartition, Long> ends) {
        try {
            DecomposerProgress progress = DecomposerProgress.read(cluster, admin, topics, PARTITIONS);
            return ends.entrySet().stream()
                    .allMatch(end -> progress.offset(end.getKey().partition()) >= end.getValue());
        } catch (ClusterException e) {
            // A broker with two cores that are busy may be late.
            return false;
        }
    }

    /// The ceiling: what a consumer and a transactional producer do without looking at the documents.
    private double copy(Topics topics, int round) {
        String target = PREFIX + ".copy." + round;
        Map<String, Object> reading = new HashMap<>();
        reading.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1000);
        Map<String, Object> writing = new HashMap<>();
        writing.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, target);
        writing.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 8 << 20);
        try (Admin admin = cluster.admin();
                Consumer<byte[], byte[]> consumer = cluster.consumer(reading);
                Producer<byte[], byte[]> producer = cluster.producer(writing)) {
            cluster.await(
                    admin.createTopics(List.of(new NewTopic(target, Optional.of(PARTITIONS), Optional.empty())
                                    .configs(Map.of("max.message.bytes", Integer.toString(8 << 20)))))
                            .all(),
                    "creating " + target);
            List<TopicPartition> documents = documents(topics);
            consumer.assign(documents);
            consumer.seekToBeginning(documents);
            long left = consumer.endOffsets(documents).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            producer.initTransactions();
            long begin = System.nanoTime();
            producer.beginTransaction();
            long committed = begin;
            while (left > 0) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    Future<RecordMetadata> _ = producer.send(
                            new ProducerRecord<>(target, record.partition(), record.key(), record.value()));
                    left--;
                }
                if (System.nanoTime() - committed > DecomposerSettings.DEFAULT_COMMIT_INTERVAL_MILLIS * 1_000_000L) {
                    producer.commitTransaction();
                    producer.beginTransaction();
                    committed = System.nanoTime();
                }
            }
            producer.commitTransaction();
            double rate = textBytes / MEGABYTE / ((System.nanoTime() - begin) / NANOS);
            cluster.await(admin.deleteTopics(List.of(target)).all(), "deleting " + target);
            return rate;
        }
    }

    private static List<TopicPartition> documents(Topics topics) {
        return IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> new TopicPartition(topics.documents(), partition))
                .toList();
    }

    private static long cpuNanos(ProcessHandle process) {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
    }
}
