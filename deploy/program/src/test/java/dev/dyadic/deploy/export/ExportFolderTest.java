package dev.dyadic.deploy.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is in the folder when an export ends at any moment. Its shards have two steps.
final class ExportFolderTest {
    private static final ExportManifest.Selection EXPORT = new ExportManifest.Selection(
            "run",
            1,
            ExportFormat.mds,
            Grouping.steps,
            0,
            32,
            2,
            new ExportManifest.Tokens("uint16", "next-token", "bytes", "", 257, 256, null));

    @TempDir
    private Path directory = Path.of("");

    /// Writes the shard of the steps from the manifest's next one on, up to an end, as far as giving it its name.
    private ExportedFile place(ExportFolder folder, ExportManifest before, long end) throws IOException {
        try (ShardFile shard = folder.shard(EXPORT, before.nextStep(), ShardTest.step(before.nextStep(), 8, 2, 2));
                StepIndex index = folder.index(before.nextStep())) {
            for (long step = before.nextStep(); step < end; step++) {
                shard.add(ShardTest.step(step, 8, 2, 2));
                index.add(ShardTest.step(step, 8, 2, 2), 2 * step);
            }
            ExportedFile file = shard.finish(end);
            folder.placeShards(before, List.of(shard));
            index.save();
            return file;
        }
    }

    @Test
    void aLongerExportThatIsKilledWhenItHasReplacedAShardGoesOn() throws IOException {
        ExportFolder folder = new ExportFolder(directory);
        ExportManifest begun = ExportManifest.begin(EXPORT);
        folder.save(begun);
        folder.complete(begun.at(1, "digest", List.of(place(folder, begun, 1))));
        assertThat(folder.manifest().orElseThrow().complete()).isTrue();

        Resume longer = Resume.of(folder.manifest(), EXPORT, new Resume.End(2, true));
        place(folder, longer.manifest(), 2);
        // Killed here: the shard is the longer one, and no manifest tells of it.
        Optional<ExportManifest> left = folder.manifest();

        folder.requireFiles(left);
        assertThat(left.orElseThrow().complete()).isFalse();
        assertThat(Resume.of(left, EXPORT, new Resume.End(2, true)).manifest().nextStep())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"shard-00000.parquet", "steps.npy", "length-00064", "index.json"})
    void whatLooksLikeAnExportWithoutAManifestIsSomebodyElses(String name) throws IOException {
        Files.writeString(directory.resolve(name), "mine");

        assertThatThrownBy(() -> new ExportFolder(directory).manifest())
                .isInstanceOf(InvalidException.class)
                .hasMessageContaining("holds " + name + " and no export");
    }
}
