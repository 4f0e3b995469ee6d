package dev.dyadic.deploy.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.InvalidException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Where an export goes on. Its shards have ten steps, from step 5 on.
final class ResumeTest {
    private static final ExportManifest.Selection EXPORT = selection("bytes", 1);

    private static ExportManifest.Selection selection(String tokenizer, long runId) {
        return new ExportManifest.Selection(
                "run",
                runId,
                ExportFormat.mds,
                Grouping.steps,
                5,
                1024,
                10,
                new ExportManifest.Tokens("uint16", "next-token", tokenizer, "", 257, 256, null));
    }

    private static Optional<ExportManifest> there(long nextStep, boolean isComplete) {
        List<ExportedFile> shards = new ArrayList<>();
        for (long first = 5; first < nextStep; first += 10) {
            shards.add(new ExportedFile(
                    "shard-" + first, 1, "", first, Math.min(nextStep, first + 10), null, null, 7, "00"));
        }
        ExportManifest manifest = ExportManifest.begin(EXPORT).at(nextStep, "digest", shards);
        return Optional.of(isComplete ? manifest.completed(shards) : manifest);
    }

    private static Resume.End named(long step) {
        return new Resume.End(step, true);
    }

    private static Resume.End open(long step) {
        return new Resume.End(step, false);
    }

    @Test
    void whatIsNotThereBeginsAtItsFirstStep() {
        Resume resume = Resume.of(Optional.empty(), EXPORT, named(30));
        assertThat(resume.manifest().nextStep()).isEqualTo(5);
        assertThat(resume.isThere()).isFalse();
    }

    @Test
    void wholeShardsStayAndTheShortOneIsWrittenAnew() {
        for (boolean isComplete : new boolean[] {true, false}) {
            Resume resume = Resume.of(there(32, isComplete), EXPORT, named(50));
            assertThat(resume.manifest().nextStep()).isEqualTo(25);
            assertThat(resume.manifest().shards())
                    .extracting(ExportedFile::firstStep)
                    .containsExactly(5L, 15L);
            assertThat(resume.manifest().complete()).isFalse();
            assertThat(resume.isThere()).isFalse();
        }
    }

    @Test
    void anEndThatNobodyReachedCanBeTakenBack() {
        assertThat(Resume.of(there(25, false), EXPORT, named(1_000)).endStep()).isEqualTo(1_000);
        assertThat(Resume.of(there(25, false), EXPORT, named(40)).endStep()).isEqualTo(40);
        assertThat(Resume.of(there(25, false), EXPORT, named(25)).isThere())
                .as("the index is still missing")
                .isFalse();
        assertThat(Resume.of(there(25, true), EXPORT, named(25)).isThere()).isTrue();
        assertThatThrownBy(() -> Resume.of(there(25, true), EXPORT, named(24)))
                .isInstanceOf(InvalidException.class)
                .hasMessageContaining("holds the steps up to 25, but --steps goes up to 24");
    }

    @Test
    void aReplicaThatIsBehindChangesNothing() {
        Resume resume = Resume.of(there(32, true), EXPORT, open(20));
        assertThat(resume.isThere()).isTrue();
        assertThat(resume.endStep()).isEqualTo(32);
    }

    @Test
    void anotherExportIsRefused() {
        assertThatThrownBy(() -> Resume.of(there(25, true), selection("bytes", 2), named(30)))
                .isInstanceOf(InvalidException.class)
                .hasMessageContaining("its run id is 1, not 2");
        assertThatThrownBy(() -> Resume.of(there(25, true), selection("r50k_base", 1), named(30)))
                .hasMessageContaining("its tokenizer is bytes, not r50k_base");
        assertThatThrownBy(() -> Resume.of(Optional.empty(), EXPORT, named(5 + 1_000_001)))
                .hasMessageContaining("name a larger --shard-size");
        assertThat(Resume.of(Optional.empty(), EXPORT, named(5 + 1_000_000)).isThere())
                .isFalse();
    }
}
