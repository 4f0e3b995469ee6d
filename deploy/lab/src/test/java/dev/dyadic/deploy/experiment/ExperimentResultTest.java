package dev.dyadic.deploy.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ExperimentResultTest {
    @Test
    void timeToTheBaselinesLossLiesBetweenLooks() {
        ExperimentResult.Trained baseline = trained(0, look(10, 3f), look(20, 2f));
        ExperimentResult.Trained faster = trained(1, look(5, 3f), look(10, 1f));
        ExperimentResult.Trained atOnce = trained(2, look(4, 1.5f), look(8, 1.4f));
        ExperimentResult.Trained slower = trained(3, look(5, 3f), look(10, 2.5f));
        ExperimentResult result = new ExperimentResult(
                "text", 1, 1, "bytes", "tiny", 1, 64, 512, 512, 2, 1024, List.of(baseline, faster, atOnce, slower));

        assertThat(result.secondsToBaselineLoss(baseline).orElseThrow()).isCloseTo(20, within(1e-6));
        assertThat(result.secondsToBaselineLoss(faster).orElseThrow()).isCloseTo(7.5, within(1e-6));
        assertThat(result.secondsToBaselineLoss(atOnce).orElseThrow()).isCloseTo(4, within(1e-6));
        assertThat(result.secondsToBaselineLoss(slower)).isEmpty();
        assertThat(result.timeRatio(faster)).isCloseTo(0.5, within(1e-6));
        assertThat(ExperimentPage.cells(result, slower))
                .hasSameSizeAs(ExperimentPage.columns(result))
                .contains("never");
    }

    private static ExperimentResult.Trained trained(int variant, ExperimentResult.Look... looks) {
        return new ExperimentResult.Trained(
                Variant.all().get(variant),
                looks[looks.length - 1].seconds(),
                0,
                1f,
                new TreeMap<>(),
                Arrays.asList(looks));
    }

    private static ExperimentResult.Look look(double seconds, float loss) {
        TreeMap<Integer, Float> byLength = new TreeMap<>();
        byLength.put(64, loss);
        return new ExperimentResult.Look(1, 512, seconds, loss, byLength);
    }
}
