package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.sampler.Sampler;
import dev.dyadic.sampler.SamplerLimits;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.client.SamplerClientException;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.CorpusDescription;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.Live;
import dev.dyadic.v1.SamplerProto.Notice;
import dev.dyadic.v1.SamplerProto.Position;
import dev.dyadic.v1.SamplerProto.RunDescription;
import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What stands in the way is named; what is gone is refused, and the rest is served.
class StorageTest {
    private static final long PATIENCE_SECONDS = 30;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void anOpenTransactionIsNamedWithinSeconds() throws Exception {
        try (TestStack test = new TestStack(directory.resolve("stack"));
                KafkaProducer<byte[], byte[]> hanging =
                        transactional(test.stack().cluster())) {
            Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), Texts.make("a-", 30, 1));
            test.client()
                    .openRun(
                            "live",
                            TestStack.live(400)
                                    .setLive(Live.newBuilder()
                                            .setCycleTokens(400 * TestStack.TOKENS_PER_STEP)
                                            .setMaxWaitMillis(600_000))
                                    .build());
            String topic = test.stack().corpus().topics().sequences(Bucket.of(5));
            hanging.initTransactions();
            hanging.beginTransaction();
            hanging.send(new ProducerRecord<>(topic, 0, null, new byte[] {1})).get(PATIENCE_SECONDS, TimeUnit.SECONDS);

            List<Notice> stalls = await(test.client(), CorpusDescription::getStallsList, "transaction");

            assertThat(stalls)
                    .anySatisfy(stall ->
                            assertThat(stall.getText()).contains("a transaction is open on " + topic + "-0 at offset"));
            try (SamplerClient impatient = new SamplerClient(test.stack().samplerAddress(), 0)) {
                assertThatThrownBy(() -> TestStack.get(impatient, "live", 0))
                        .hasMessageContaining("is not planned yet")
                        .hasMessageContaining("stalled for")
                        .hasMessageContaining("a transaction is open");
            }
            hanging.abortTransaction();
        }
    }

    @Test
    void aBoundedRunWaitsForTheTransactionOfAWriterThatHasCrashedAndSaysSo() throws Exception {
        try (TestStack test = new TestStack(directory.resolve("stack"));
                KafkaProducer<byte[], byte[]> crashed =
                        transactional(test.stack().cluster());
                SamplerClient impatient = new SamplerClient(test.stack().samplerAddress(), 0)) {
            Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), Texts.make("a-", 30, 1));
            test.client().openRun("before", TestStack.bounded(1, 1).build());
            String topic = test.stack().corpus().topics().sequences(Bucket.of(5));
            crashed.initTransactions();
            crashed.beginTransaction();
            crashed.send(new ProducerRecord<>(topic, 0, null, new byte[] {1})).get(PATIENCE_SECONDS, TimeUnit.SECONDS);

            assertThatThrownBy(() ->
                            impatient.openRun("during", TestStack.bounded(1, 1).build()))
                    .hasMessageContaining(
                            "the run is not opened yet: a transaction on " + topic + "-0 is open at offset");
            crashed.abortTransaction();

            assertThat(test.client()
                            .openRun("during", TestStack.bounded(1, 1).build())
                            .getStepsPlanned())
                    .isPositive();
        }
    }

    @Test
    void aDiskThatIsFullPausesReplicationAndSaysSo() throws InterruptedException {
        try (TestStack test = new TestStack(directory.resolve("stack"))) {
            Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), Texts.make("a-", 300, 2));
            RunDescription run =
                    test.client().openRun("all", TestStack.bounded(1, 1).build());
            SamplerLimits limits = new SamplerLimits(
                    16, 1_000, 1 << 20, 1 << 20, 1 << 20, 20_000, SamplerLimits.DEFAULT_MAX_UNREAD_MILLIS);
            try (Sampler small = Sampler.start(
                            test.stack().cluster(),
                            test.stack().corpus(),
                            new Sampler.Settings(
                                    directory.resolve("small"), ListenSettings.loopback(0), 1, "small", limits),
                            InstantSource.system(),
                            new SimpleMeterRegistry());
                    SamplerClient client = new SamplerClient(small.address(), 0)) {
                List<Notice> stalls = await(client, CorpusDescription::getStallsList, "--max-disk-bytes");

                assertThat(stalls)
                        .anySatisfy(stall -> assertThat(stall.getText())
                                .contains("bytes of rows and may hold 20000: raise --max-disk-bytes"));
                assertThat(client.describeCorpus().getDiskLimitBytes()).isEqualTo(20_000);
                assertThatThrownBy(() -> all(client, run)).hasMessageContaining("this replica has read length");
            }
        }
    }

    @Test
    void whatRetentionTookIsWarnedOfAndRefusedAndTheRestIsServed() throws Exception {
        try (TestStack test = new TestStack(directory.resolve("stack"))) {
            test.client().openRun("live", TestStack.live(6).build());
            List<Batch> served = new ArrayList<>();
            for (int part = 0; part < 4; part++) {
                Texts.publish(
                        test.stack().cluster(), test.stack().corpus().topics(), Texts.make("p" + part + "-", 60, part));
                for (int i = 0; i < 12; i++) {
                    served.add(TestStack.get(test.client(), "live", served.size()));
                }
            }
            Map<TopicPartition, RecordsToDelete> early = new HashMap<>();
            for (Bucket bucket : new Buckets(5, 8)) {
                for (int partition = 0; partition < TestStack.PARTITIONS; partition++) {
                    early.put(
                            new TopicPartition(test.stack().corpus().topics().sequences(bucket), partition),
                            RecordsToDelete.beforeOffset(6));
                }
            }
            try (Admin admin = test.stack().cluster().admin()) {
                admin.deleteRecords(early).all().get(10, TimeUnit.SECONDS);
            }

            List<Notice> warnings = await(test.client(), CorpusDescription::getWarningsList, "retention");

            assertThat(warnings)
                    .anySatisfy(warning -> assertThat(warning.getText())
                            .contains("run live needs rows from offset")
                            .contains("but Kafka begins at 6: this replica has them still"));
            for (int step = 0; step < served.size(); step++) {
                assertThat(TestStack.get(test.client(), "live", step)).isEqualTo(served.get(step));
            }
            try (Sampler late = test.replica(directory.resolve("late"));
                    SamplerClient client = new SamplerClient(late.address(), 5_000)) {
                int refused = 0;
                for (int step = 0; step < served.size(); step++) {
                    try {
                        assertThat(TestStack.get(client, "live", step)).isEqualTo(served.get(step));
                    } catch (SamplerClientException e) {
                        assertThat(e.code()).isEqualTo(Status.Code.DATA_LOSS);
                        assertThat(e).hasMessageContaining("partition").hasMessageContaining("retention has taken it");
                        refused++;
                    }
                }
                assertThat(refused).isBetween(1, served.size() - 12);
            }
            // A run that is over, and committed to its end, needs nothing any more.
            long last = test.client().closeRun("live").getStepsPlanned() - 1;
            Position committed = Position.newBuilder()
                    .setRunId(test.client().describeRun("live").getRunId())
                    .setStep(last)
                    .setManifestDigest(
                            TestStack.get(test.client(), "live", last).getManifestDigest())
                    .build();
            test.client().commit("live", committed);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (!test.client().describeCorpus().getWarningsList().isEmpty()) {
                assertThat(System.nanoTime() - deadline).isNegative();
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
    }

    private static void all(SamplerClient client, RunDescription run) {
        for (long step = 0; step < run.getTotalSteps(); step++) {
            client.getBatch(GetBatchRequest.newBuilder()
                    .setRun(run.getName())
                    .setStep(step)
                    .build());
        }
    }

    /// Waits for a notice with this text in it.
    private static List<Notice> await(
            SamplerClient client, Function<CorpusDescription, List<Notice>> notices, String text)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() - deadline < 0) {
            try {
                List<Notice> now = notices.apply(client.describeCorpus());
                if (now.stream().anyMatch(notice -> notice.getText().contains(text))) {
                    return now;
                }
            } catch (SamplerClientException e) {
                assertThat(e.code()).isEqualTo(Status.Code.UNAVAILABLE);
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new AssertionError("no notice of " + text + " within " + PATIENCE_SECONDS + " s");
    }

    private static KafkaProducer<byte[], byte[]> transactional(Cluster cluster) {
        Map<String, Object> properties = cluster.base();
        properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "hanging");
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
