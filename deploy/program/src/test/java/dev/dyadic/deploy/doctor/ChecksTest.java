package dev.dyadic.deploy.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.Topics;
import dev.dyadic.v1.SamplerProto.CorpusDescription;
import dev.dyadic.v1.SamplerProto.Notice;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChecksTest {
    private static final long MEBIBYTE = 1 << 20;
    private static final long NOW = 1_700_000_000_000L;
    private static final Topics TOPICS = new Topics("dyadic", "main");

    @Test
    void littleMemoryAndLittleDiskAreToldWithWhatToDo() {
        assertThat(MachineChecks.memory(192 * MEBIBYTE, 4096 * MEBIBYTE, 8192 * MEBIBYTE)
                        .state())
                .isEqualTo(Finding.State.ok);
        assertThat(MachineChecks.memory(192 * MEBIBYTE, 300 * MEBIBYTE, 600 * MEBIBYTE)
                        .state())
                .isEqualTo(Finding.State.warning);
        Finding none = MachineChecks.memory(192 * MEBIBYTE, 100 * MEBIBYTE, 200 * MEBIBYTE);
        assertThat(none.state()).isEqualTo(Finding.State.failure);
        assertThat(none.fix()).contains("DYADIC_JAVA_OPTS=-Xmx");

        Path here = Path.of("");
        assertThat(MachineChecks.disk(here, true, 100L << 30).state()).isEqualTo(Finding.State.ok);
        assertThat(MachineChecks.disk(here, true, 5L << 30).state()).isEqualTo(Finding.State.warning);
        assertThat(MachineChecks.disk(here, true, 40 * MEBIBYTE).state()).isEqualTo(Finding.State.failure);
        assertThat(MachineChecks.disk(here, false, 100L << 30).state()).isEqualTo(Finding.State.failure);
    }

    @Test
    void kafkasSettingsAreHeldAgainstWhatTheServicesNeed() {
        Map<String, String> good = Map.of(
                "transaction.max.timeout.ms", "900000",
                "offsets.retention.minutes", "10080",
                "transaction.state.log.replication.factor", "3");
        assertThat(KafkaChecks.settings(good, 3)).containsExactly(Finding.ok("Kafka settings", "as they have to be"));
        assertThat(KafkaChecks.settings(Map.of("transaction.max.timeout.ms", "10000"), 3))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.state()).isEqualTo(Finding.State.failure);
                    assertThat(finding.fix()).contains("60000");
                });
        assertThat(KafkaChecks.settings(
                        Map.of("offsets.retention.minutes", "60", "transaction.state.log.replication.factor", "1"), 3))
                .extracting(Finding::state)
                .containsExactly(Finding.State.warning, Finding.State.warning);
        assertThat(KafkaChecks.settings(good, 1))
                .singleElement()
                .satisfies(finding -> assertThat(finding.found()).isEqualTo("there is one broker"));
    }

    @Test
    void aSamplerIsLookedAt() {
        CorpusDescription well = CorpusDescription.newBuilder()
                .setCorpus("main")
                .setReplica("one")
                .setVersion("1.0")
                .setNowMillis(NOW)
                .build();
        assertThat(SamplerChecks.of(well, "a:1", TOPICS, "1.0", NOW + 900))
                .extracting(Finding::state)
                .containsExactly(Finding.State.ok, Finding.State.ok, Finding.State.ok);

        CorpusDescription ill = well.toBuilder()
                .setVersion("0.9")
                .setNowMillis(NOW - 5_000)
                .addStalls(Notice.newBuilder().setText("nothing comes"))
                .addWarnings(Notice.newBuilder().setText("retention takes rows"))
                .setDiskBytes(95)
                .setDiskLimitBytes(100)
                .build();
        List<Finding> findings = SamplerChecks.of(ill, "a:1", TOPICS, "1.0", NOW);
        assertThat(findings)
                .extracting(Finding::what)
                .containsExactly("sampler", "version", "data", "data", "disk of the sampler", "clock of one at a:1");
        assertThat(findings.getLast().found()).isEqualTo("5,000 ms behind this machine's");

        assertThat(SamplerChecks.of(well.toBuilder().setCorpus("other").build(), "a:1", TOPICS, "1.0", NOW))
                .extracting(Finding::state)
                .containsExactly(Finding.State.failure);
    }

    @Test
    void aClockThatIsOnlyKnownToBeLateSaysNothing() {
        assertThat(KafkaChecks.clock("clock", -60_000, false)).isEmpty();
        assertThat(KafkaChecks.clock("clock", 60_000, false)).isPresent();
        assertThat(KafkaChecks.clock("clock", -60_000, true).orElseThrow().state())
                .isEqualTo(Finding.State.warning);
    }
}
