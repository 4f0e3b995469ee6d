package dev.dyadic.deploy.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.InvalidException;
import dev.dyadic.trainer.TrainProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentTest {
    private static final int LOOKS = 3;
    private static final int MAX_LENGTH = 512;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void everyVariantTrainsOnTheSameTokensAndLearns() throws IOException {
        ExperimentResult result =
                new Experiment(settings(List.of("chunks-masked", "uniform-8", "grow-p2-1")), new Silent()).run();

        assertThat(result.variants())
                .extracting(trained -> trained.variant().name())
                .containsExactly("chunks", "chunks-masked", "uniform-8", "grow-p2-1");
        assertThat(result.tokens()).isEqualTo(result.steps() * MAX_LENGTH);
        assertThat(result.baseline().stepsByLength()).containsOnlyKeys(MAX_LENGTH);
        for (ExperimentResult.Trained trained : result.variants()) {
            assertThat(trained.stepsByLength().values().stream()
                            .mapToLong(steps -> steps)
                            .sum())
                    .isEqualTo(result.steps());
            assertThat(trained.looks()).hasSize(LOOKS);
            assertThat(trained.last().tokens()).isEqualTo(result.tokens());
            assertThat(trained.last().documentLoss())
                    .isLessThan(trained.looks().getFirst().documentLoss());
            assertThat(trained.last().lossByLength()).hasSizeGreaterThan(2);
        }
        assertThat(result.variants().getLast().stepsByLength()).hasSizeGreaterThan(2);
        Path page = ExperimentPage.write(result, directory.resolve("page"));
        String html = Files.readString(page);
        assertThat(html)
                .contains("<td>(a) concatenate and chunk</td>", "<td>(c) decomposed, grow-p2, 1 cycle</td>")
                .contains("<svg", "<polyline")
                .doesNotContain("src=", "href=", "@import", "https://")
                .doesNotContain("NaN");
        assertThat(page.resolveSibling("result.json")).exists();
    }

    @Test
    void aStopEndsItAndLeavesNothing() {
        Experiment[] experiment = new Experiment[1];
        experiment[0] = new Experiment(settings(List.of("chunks")), new Silent() {
            @Override
            public TrainProgress training(Variant variant, int number, int count) {
                return _ -> experiment[0].stop();
            }
        });

        assertThatThrownBy(experiment[0]::run).isInstanceOf(CancellationException.class);
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> settings(List.of("shrink")))
                .isInstanceOf(InvalidException.class)
                .hasMessageContaining("variant must be one of [chunks, chunks-masked,")
                .hasMessageEndingWith("but was shrink");
    }

    private static ExperimentSettings settings(List<String> variants) {
        return new ExperimentSettings(
                Optional.empty(),
                60_000,
                "bytes",
                64,
                MAX_LENGTH,
                MAX_LENGTH,
                "hidden=32,layers=1,heads=2,feed-forward=64",
                1e-2,
                0.2,
                LOOKS,
                0,
                variants,
                1);
    }

    private static class Silent implements Experiment.Progress {
        @Override
        public void prepared(String what) {
            assertThat(what).contains("documents decomposed");
        }

        @Override
        public TrainProgress training(Variant variant, int number, int count) {
            return TrainProgress.NONE;
        }
    }
}
