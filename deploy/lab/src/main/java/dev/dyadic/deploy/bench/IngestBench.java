package dev.dyadic.deploy.bench;

import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.deploy.broker.EmbeddedBroker;
import dev.dyadic.deploy.local.Directories;
import dev.dyadic.ingest.Ingest;
import dev.dyadic.ingest.IngestProgress;
import dev.dyadic.ingest.IngestReport;
import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.ingest.format.ReadSettings;
import dev.dyadic.ingest.job.Job;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;

/// A file to documents on Kafka, by one thread, as a job does it. Beside it: reading alone, and the same records sent
/// by
/// a bare producer, in transactions as long. The broker is in the same process. For readers of others beside it there
/// is
/// `ingest/src/test/python/speed.py`.
public final class IngestBench {
    private static final int PARTITIONS = 4;
    private static final long KEPT_BYTES = 128L << 20;
    private static final long COMMIT_NANOS = 200_000_000;
    private static final double MEGABYTE = 1e6;
    private static final double NANOS = 1e9;

    private final Cluster cluster;
    private final Topics topics;
    private final ReadSettings settings;
    private final Input input;

    private IngestBench(Cluster cluster, Topics topics, ReadSettings settings, Input input) {
        this.cluster = cluster;
        this.topics = topics;
        this.settings = settings;
        this.input = input;
    }

    /// The first round does not count.
    public static List<Figure> run(Path file, int rounds, ReadSettings settings) {
        Path directory;
        try {
            directory = Files.createTempDirectory("dyadic-bench-");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a temporary directory", e);
        }
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("broker"), 0)) {
            Cluster cluster = Cluster.at(broker.bootstrap());
            Topics topics = new Topics("bench", "main");
            CorpusSettings corpus = new CorpusSettings(
                    "main",
                    Tokenizers.named("bytes").identity(),
                    Layout.NEXT_TOKEN,
                    new Buckets(6, 13),
                    LongDocuments.LONGEST_FIRST,
                    0,
                    0,
                    PARTITIONS);
            Corpus.init(cluster, topics, corpus, Optional.empty(), InstantSource.system());
            return new IngestBench(cluster, topics, settings, Input.file(file)).measure(rounds);
        } finally {
            Directories.delete(directory);
        }
    }

    private List<Figure> measure(int rounds) {
        double[] ingested = new double[rounds];
        double[] read = new double[rounds];
        double[] bare = new double[rounds];
        double[] ratio = new double[rounds];
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        long textBytes = 0;
        for (int round = -1; round < rounds; round++) {
            Job job = new Job("round" + round, "bench");
            long begin = System.nanoTime();
            try (Ingest ingest = Ingest.job(cluster, topics, settings, job, true)) {
                textBytes = read(ingest).textBytes();
            }
            long middle = System.nanoTime();
            records.clear();
            try (Ingest ingest = Ingest.dryRun(settings)) {
                read(ingest);
            }
            long end = System.nanoTime();
            keep(records);
            double bareRate = send(records, textBytes);
            if (round >= 0) {
                ingested[round] = textBytes / MEGABYTE / ((middle - begin) / NANOS);
                read[round] = textBytes / MEGABYTE / ((end - middle) / NANOS);
                bare[round] = bareRate;
                ratio[round] = ingested[round] / bareRate;
            }
        }
        return List.of(
                Figure.of("text", "MB", textBytes / MEGABYTE),
                Figure.of("ingested", "MB/s", ingested),
                Figure.of("read, without Kafka", "MB/s", read),
                Figure.of("the same records by a bare producer, in transactions", "MB/s", bare),
                Figure.of("ingested / bare", "", ratio));
    }

    private IngestReport read(Ingest ingest) {
        ingest.read(input, IngestProgress.NONE);
        return ingest.flush().requireWhole();
    }

    /// The first records, as many as memory should hold.
    private void keep(List<ProducerRecord<byte[], byte[]>> records) {
        try (Ingest ingest = Ingest.dryRun(settings).telling(document -> records.add(record(document)))) {
            ingest.read(input, IngestProgress.NONE, KEPT_BYTES);
        }
    }

    private ProducerRecord<byte[], byte[]> record(Document document) {
        return new ProducerRecord<>(
                topics.documents(),
                document.getId().getBytes(StandardCharsets.UTF_8),
                Codecs.DOCUMENT.encode(document));
    }

    /// @return MB of text a second
    private double send(List<ProducerRecord<byte[], byte[]>> records, long textBytes) {
        try (Producer<byte[], byte[]> producer = cluster.producer(Map.of(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                "bare",
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                64L << 20,
                ProducerConfig.BATCH_SIZE_CONFIG,
                256 << 10,
                ProducerConfig.LINGER_MS_CONFIG,
                5,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                16 << 20))) {
            producer.initTransactions();
            producer.beginTransaction();
            long begin = System.nanoTime();
            long committed = begin;
            long sent = 0;
            while (sent < textBytes) {
                for (ProducerRecord<byte[], byte[]> record : records) {
                    var _ = producer.send(record);
                    // The record has few bytes beside the text.
                    sent += record.value().length;
                    if (System.nanoTime() - committed > COMMIT_NANOS) {
                        producer.commitTransaction();
                        producer.beginTransaction();
                        committed = System.nanoTime();
                    }
                    if (sent >= textBytes) {
                        break;
                    }
                }
            }
            producer.commitTransaction();
            return sent / MEGABYTE / ((System.nanoTime() - begin) / NANOS);
        }
    }
}
