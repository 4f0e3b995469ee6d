package dev.dyadic.deploy.faults;

import dev.dyadic.deploy.local.Directories;
import dev.dyadic.ingest.Ingest;
import dev.dyadic.ingest.IngestProgress;
import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.Fields;
import dev.dyadic.ingest.format.ReadSettings;
import dev.dyadic.ingest.job.Job;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.DecomposerProgress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// Lets faults happen.
final class FaultCauses {
    private static final long FILE_LIMIT_KIBIBYTES = 256;
    private static final long HOUR_SECONDS = 3_600;
    private static final int LARGE_DOCUMENTS = 2;
    private static final int LARGE_BYTES = 3 << 20;
    private static final int ATTEMPTS = 60;

    private final Stage stage;
    private final List<Fault> possible;
    private final SplitMix64 random;
    private final Queue<String> broken;
    private int largeRounds;

    /// @param broken told what must not happen
    FaultCauses(Stage stage, SplitMix64 random, Queue<String> broken) {
        this.stage = stage;
        this.random = random;
        this.broken = broken;
        this.possible = Stream.of(Fault.values())
                .filter(fault -> fault.isPossibleWith(stage.brokers().count()))
                .toList();
    }

    /// Documents that these faults have published.
    long documents() {
        return (long) largeRounds * LARGE_DOCUMENTS;
    }

    /// @param what has happened, in words
    record Caused(Fault fault, String what) {}

    Caused causeOne() throws IOException, InterruptedException {
        Fault fault = possible.get((int) random.nextBelow(possible.size()));
        return new Caused(fault, cause(fault));
    }

    private String cause(Fault fault) throws IOException, InterruptedException {
        int replica = (int) random.nextBelow(Stage.REPLICAS);
        Victim sampler = stage.sampler(replica);
        return switch (fault) {
            case KILL_DECOMPOSER -> {
                restart(stage.decomposer());
                yield "decomposer killed";
            }
            case FREEZE_DECOMPOSER -> freeze(stage.decomposer(), 11_000 + random.nextBelow(3_000));
            case KILL_SAMPLER -> {
                restart(sampler);
                yield sampler.name() + " killed";
            }
            case FREEZE_SAMPLER -> freeze(sampler, 1_000 + random.nextBelow(4_000));
            case KILL_BROKER -> {
                int node = (int) random.nextBelow(stage.brokers().count());
                stage.brokers().kill(node);
                TimeUnit.MILLISECONDS.sleep(random.nextBelow(2_000));
                stage.brokers().start(node);
                yield "broker " + node + " killed";
            }
            case FREEZE_BROKERS -> freezeBrokers(2_000 + random.nextBelow(8_000));
            case KILL_TRAINER -> {
                restart(stage.trainer());
                yield "trainer killed";
            }
            case DELETE_DISK -> {
                sampler.kill();
                Directories.delete(stage.disk(replica));
                sampler.start();
                yield "disk of " + sampler.name() + " deleted";
            }
            case TRUNCATE_SEGMENT -> {
                sampler.kill();
                String changed = stage.diskOf(replica).truncate(random);
                sampler.start();
                yield changed;
            }
            case FLIP_TOKEN_BIT -> stage.diskOf(replica).flipBit("tokens", random);
            case FLIP_FACT_BIT -> {
                sampler.kill();
                String changed = stage.diskOf(replica).flipBit("facts", random);
                sampler.start();
                yield changed;
            }
            case FULL_DISK -> fillDisk(replica);
            case CUT_LINK -> {
                long millis = 1_000 + random.nextBelow(4_000);
                stage.link(replica).cut();
                TimeUnit.MILLISECONDS.sleep(millis);
                stage.link(replica).mend();
                yield "link to " + sampler.name() + " cut for " + millis + " ms";
            }
            case STEP_CLOCK -> stepClock(random.nextBelow(2) == 0 ? stage.decomposer() : sampler);
            case LARGE_DOCUMENTS -> publishLarge();
            case TRIM_DOCUMENTS -> trimDocuments();
            case ROLL_BROKERS -> {
                for (int node = 0; node < stage.brokers().count(); node++) {
                    stage.brokers().stop(node);
                    stage.brokers().start(node);
                    stage.brokers().awaitInSync();
                }
                yield "brokers stopped and started, one after the other";
            }
            case LOSE_QUORUM -> loseQuorum(2_000 + random.nextBelow(6_000));
            case LOSE_BROKER_DISK -> loseBrokerDisk();
        };
    }

    private static void restart(Victim role) throws InterruptedException {
        role.kill();
        role.start();
    }

    private static String freeze(Victim role, long millis) throws IOException, InterruptedException {
        role.signal("STOP");
        TimeUnit.MILLISECONDS.sleep(millis);
        role.signal("CONT");
        return role.name() + " frozen for " + millis + " ms";
    }

    private String freezeBrokers(long millis) throws IOException, InterruptedException {
        for (int node = 0; node < stage.brokers().count(); node++) {
            stage.brokers().signal(node, "STOP");
        }
        TimeUnit.MILLISECONDS.sleep(millis);
        for (int node = 0; node < stage.brokers().count(); node++) {
            stage.brokers().signal(node, "CONT");
        }
        return "nothing comes through to Kafka for " + millis + " ms";
    }

    private String fillDisk(int replica) throws IOException, InterruptedException {
        Victim sampler = stage.sampler(replica);
        sampler.kill();
        Directories.delete(stage.disk(replica));
        sampler.startWithFileLimit(FILE_LIMIT_KIBIBYTES);
        int starts = sampler.starts();
        TimeUnit.SECONDS.sleep(5);
        sampler.liftFileLimit();
        if (sampler.starts() != starts) {
            broken.add(sampler.name() + " has ended on a full disk, see its log");
        }
        return "disk of " + sampler.name() + " full, then not";
    }

    /// The process has a clock of its own for a while, which jumps by an hour.
    private String stepClock(Victim victim) throws InterruptedException {
        long seconds = random.nextBelow(2) == 0 ? HOUR_SECONDS : -HOUR_SECONDS;
        FakeClock clock = stage.clock(victim);
        victim.kill();
        victim.start(clock.environment());
        TimeUnit.SECONDS.sleep(6);
        clock.step(seconds);
        TimeUnit.SECONDS.sleep(8);
        restart(victim);
        return "clock of " + victim.name() + " stepped by " + seconds + " s";
    }

    /// One text of three megabytes, and one that has no rows, but as many bytes.
    private String publishLarge() throws InterruptedException {
        StringBuilder text = new StringBuilder();
        while (text.length() < LARGE_BYTES) {
            text.append(Long.toString(random.next(), Character.MAX_RADIX)).append(' ');
        }
        String lines = "{\"id\": \"large-" + largeRounds + "\", \"text\": \"" + text + "\"}\n{\"id\": \"blank-"
                + largeRounds + "\", \"text\": \"" + " ".repeat(LARGE_BYTES) + "\"}\n";
        Job job = new Job("large-" + largeRounds, "lines");
        ReadSettings settings = ReadSettings.of(DocumentRules.of(Fields.DEFAULT, "large"));
        for (int attempt = 1; ; attempt++) {
            // A job goes on where it was: however often it is tried, each document is there once.
            try (Ingest ingest = Ingest.job(stage.cluster(), Stage.TOPICS, settings, job, false)) {
                ingest.read(
                        Input.stream("lines", new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8))),
                        IngestProgress.NONE);
                ingest.flush();
                largeRounds++;
                return "documents of " + LARGE_BYTES + " bytes published";
            } catch (ClusterException | KafkaException e) {
                if (attempt == ATTEMPTS) {
                    throw new IllegalStateException("large documents could not be published", e);
                }
                TimeUnit.SECONDS.sleep(1);
            }
        }
    }

    private String trimDocuments() {
        try (Admin admin = stage.cluster().admin()) {
            int partitions = FaultRun.PARTITIONS;
            DecomposerProgress progress = DecomposerProgress.read(stage.cluster(), admin, Stage.TOPICS, partitions);
            Map<TopicPartition, RecordsToDelete> before = new HashMap<>();
            for (int partition = 0; partition < partitions; partition++) {
                before.put(
                        new TopicPartition(Stage.TOPICS.documents(), partition),
                        RecordsToDelete.beforeOffset(progress.offset(partition)));
            }
            stage.cluster().await(admin.deleteRecords(before).all(), "deleting documents");
            return "documents that were decomposed deleted";
        } catch (ClusterException e) {
            return "no documents deleted: " + e.getMessage();
        }
    }

    private String loseQuorum(long millis) throws InterruptedException {
        int left = (int) random.nextBelow(stage.brokers().count());
        for (int node = 0; node < stage.brokers().count(); node++) {
            if (node != left) {
                stage.brokers().kill(node);
            }
        }
        TimeUnit.MILLISECONDS.sleep(millis);
        for (int node = 0; node < stage.brokers().count(); node++) {
            if (node != left) {
                stage.brokers().start(node);
            }
        }
        return "all brokers but " + left + " killed, and back after " + millis + " ms";
    }

    /// The others have all of it before the disk is lost, and it has all of it before anything else happens: two disks
    /// at once would be more than three replicas promise.
    private String loseBrokerDisk() throws IOException, InterruptedException {
        stage.brokers().awaitInSync();
        int node = (int) random.nextBelow(stage.brokers().count());
        stage.brokers().kill(node);
        stage.brokers().deleteDisk(node);
        stage.brokers().start(node);
        stage.brokers().awaitInSync();
        return "disk of broker " + node + " lost";
    }
}
