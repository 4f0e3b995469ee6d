package dev.dyadic.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.v1.SamplerProto.Batch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SavingTest {
    private final List<String> events = new ArrayList<>();
    private final Saving saving = new Saving(
            5, batch -> events.add("write " + batch.getStep()), batch -> events.add("commit " + batch.getStep()));

    @Test
    void aTrainingThatGoesOnWritesAtTheSameStepsAsOneThatWasNeverStopped() {
        for (long step = 12; step <= 20; step++) {
            saving.trained(batch(step));
        }
        saving.end();

        assertThat(events).containsExactly("write 14", "commit 14", "write 19", "commit 19", "write 20", "commit 20");
    }

    @Test
    void theEndSavesNothingTwice() {
        saving.trained(batch(4));

        saving.end();

        assertThat(events).containsExactly("write 4", "commit 4");
    }

    @Test
    void aCheckpointWhoseCommitFailsIsWrittenOnce() {
        Saving failing = new Saving(5, batch -> events.add("write " + batch.getStep()), _ -> {
            throw new TrainerException("no sampler");
        });

        assertThatThrownBy(() -> failing.trained(batch(4))).hasMessage("no sampler");
        failing.endBeforeFailing();

        assertThat(events).containsExactly("write 4");
    }

    private static Batch batch(long step) {
        return Batch.newBuilder().setStep(step).build();
    }
}
