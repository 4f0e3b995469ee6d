package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.trainer.Metrics;
import dev.dyadic.trainer.TrainProgress;
import dev.dyadic.trainer.TrainReport;
import dev.dyadic.trainer.TrainSettings;
import dev.dyadic.trainer.Trainer;
import dev.dyadic.trainer.TrainerException;
import dev.dyadic.trainer.model.AdamW;
import dev.dyadic.trainer.model.TransformerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Training on batches of changing length, stopped and resumed.
class TrainingTest {
    private static final long STEPS = 12;

    @TempDir
    private static Path directory = Path.of("");

    private static TestStack test = null;

    @BeforeAll
    static void publish() {
        test = new TestStack(directory.resolve("stack"));
        Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), Texts.make("doc-", 200, 1));
        test.client()
                .openRun(
                        "train",
                        TestStack.bounded(2, 1).setCurriculum("uniform").build());
        test.client().openRun("cycles", TestStack.bounded(8, 1).build());
        test.client().openRun("other", TestStack.bounded(2, 1).setSeed(8).build());
    }

    @AfterAll
    static void stop() {
        test.close();
    }

    @Test
    void aResumedRunGivesTheSameLossesToTheBit() {
        List<Float> whole = new ArrayList<>();
        train("train", STEPS, Optional.empty(), step -> whole.add(step.loss()));
        Path checkpoints = directory.resolve("checkpoints");
        List<Float> parts = new ArrayList<>();

        TrainReport first = train("train", 5, Optional.of(checkpoints), step -> parts.add(step.loss()));
        TrainReport second = train("train", STEPS, Optional.of(checkpoints), step -> parts.add(step.loss()));

        assertThat(parts.subList(0, 5)).isEqualTo(whole.subList(0, 5));
        // The learning rate ends with the steps asked for, so the first part is shorter and decays sooner.
        assertThat(first.steps()).isEqualTo(5);
        assertThat(second.firstStep()).isEqualTo(5);
        assertThat(second.totalTokens()).isEqualTo(STEPS * TestStack.TOKENS_PER_STEP);
        assertThat(test.client().describeRun("train").getCommitted().getStep()).isEqualTo(STEPS - 1);
    }

    @Test
    void aStoppedTrainingEndsWithACheckpointAndGoesOnToTheBit() {
        List<Float> whole = new ArrayList<>();
        train("train", STEPS, Optional.empty(), step -> whole.add(step.loss()));
        Path checkpoints = directory.resolve("stopped");
        List<Float> parts = new ArrayList<>();
        Trainer[] trainer = new Trainer[1];
        trainer[0] = trainer("train", STEPS, Optional.of(checkpoints), step -> {
            parts.add(step.loss());
            if (step.number() == 6) {
                trainer[0].stop();
            }
        });

        TrainReport report = trainer[0].train();
        train("train", STEPS, Optional.of(checkpoints), step -> parts.add(step.loss()));

        assertThat(report.ended()).isEqualTo("stopped");
        assertThat(parts).isEqualTo(whole);
        assertThat(whole.getLast()).isLessThan(whole.getFirst());
    }

    @Test
    void foreignAndTornCheckpointsAreRefusedByName() throws IOException {
        Path checkpoints = directory.resolve("refused");
        train("train", 3, Optional.of(checkpoints), TrainProgress.NONE);

        assertThatThrownBy(() -> train("other", 6, Optional.of(checkpoints), TrainProgress.NONE))
                .isInstanceOf(TrainerException.class)
                .hasMessageContaining("step-0000000002 is of run train with id");
        Path state = newest(checkpoints).resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(state);
        bytes[bytes.length / 2] ^= 1;
        Files.write(state, bytes);
        assertThatThrownBy(() -> train("train", 6, Optional.of(checkpoints), TrainProgress.NONE))
                .isInstanceOf(TrainerException.class)
                .hasMessageContaining("step-0000000002 cannot be used: the SHA-256 of model.safetensors is");
        Files.write(newest(checkpoints).resolve("checkpoint.json"), new byte[] {'{'});
        assertThatThrownBy(() -> train("train", 6, Optional.of(checkpoints), TrainProgress.NONE))
                .hasMessageContaining("step-0000000002 cannot be used");
    }

    @Test
    void theHoldOutIsLookedAtAndGetsBetter() {
        List<TrainProgress.HoldOut> looks = new ArrayList<>();
        TrainProgress progress = new TrainProgress() {
            @Override
            public void trained(Step step) {
                assertThat(step.lossBySource()).isNotEmpty();
            }

            @Override
            public void evaluated(HoldOut holdOut) {
                looks.add(holdOut);
            }
        };

        TrainReport report = trainer("train", STEPS, Optional.empty(), progress).train();

        assertThat(looks.stream().map(TrainProgress.HoldOut::step)).containsExactly(4L, 9L, STEPS - 1);
        assertThat(looks.getLast().lossByLength()).hasSizeGreaterThan(1).isEqualTo(report.holdOutByLength());
        assertThat(looks.getLast().mean()).isLessThan(looks.getFirst().mean());
    }

    @Test
    void aRunThatWarmsUpAnewAtACycleResumesToTheBit() {
        TrainSettings.Schedule schedule = new TrainSettings.Schedule(STEPS, 1e-3, 0.1, 3, List.of(), List.of(1L));
        List<TrainProgress.Step> whole = new ArrayList<>();
        new Trainer(test.client(), settings("cycles", schedule, Optional.empty()), whole::add).train();
        Path checkpoints = directory.resolve("rewarmed");
        List<TrainProgress.Step> parts = new ArrayList<>();
        Trainer[] trainer = new Trainer[1];
        trainer[0] = new Trainer(test.client(), settings("cycles", schedule, Optional.of(checkpoints)), step -> {
            parts.add(step);
            if (step.number() == 8) {
                trainer[0].stop();
            }
        });

        trainer[0].train();
        new Trainer(test.client(), settings("cycles", schedule, Optional.of(checkpoints)), parts::add).train();

        assertThat(whole.stream().anyMatch(step -> step.cycle() == 1)).isTrue();
        assertThat(parts.stream().map(TrainProgress.Step::rate).toList())
                .isEqualTo(whole.stream().map(TrainProgress.Step::rate).toList());
        assertThat(parts.stream().map(TrainProgress.Step::loss).toList())
                .isEqualTo(whole.stream().map(TrainProgress.Step::loss).toList());
    }

    @Test
    void metricsHaveEveryStepAndEveryLookAtTheHoldOut() throws IOException {
        Path metrics = directory.resolve("metrics");
        try (Metrics written = Metrics.open(metrics)) {
            train("train", 5, Optional.empty(), written);
        }
        try (Metrics written = Metrics.open(metrics)) {
            train("train", 2, Optional.empty(), written);
        }

        List<String> csv = Files.readAllLines(metrics.resolve("metrics.csv"));
        List<String> lines = Files.readAllLines(metrics.resolve("metrics.jsonl"));

        assertThat(csv).hasSize(1 + 5 + 2);
        assertThat(csv.getFirst()).startsWith("step,cycle,length,loss,");
        assertThat(lines.stream().filter(line -> line.contains("\"kind\":\"holdout\"")))
                .hasSize(2);
        assertThat(lines).hasSize(5 + 2 + 2);
    }

    @Test
    void trainingThatIsDoneSaysSo() {
        Path checkpoints = directory.resolve("done");
        train("train", 3, Optional.of(checkpoints), TrainProgress.NONE);

        TrainReport again = train("train", 3, Optional.of(checkpoints), TrainProgress.NONE);

        assertThat(again.steps()).isZero();
        assertThat(again.lastLoss()).isNull();
        assertThat(again.ended()).isEqualTo("nothing to do: 3 steps are trained already, and 3 were asked for");
    }

    @Test
    void aRunEndsWhereItsStepsEnd() {
        long total = test.client().describeRun("other").getTotalSteps();

        TrainReport report = train("other", 1_000_000, Optional.empty(), TrainProgress.NONE);

        assertThat(report.steps()).isEqualTo(total);
        assertThat(report.byLength().stream()
                        .mapToLong(TrainReport.LengthLoss::steps)
                        .sum())
                .isEqualTo(total);
    }

    private static Path newest(Path checkpoints) throws IOException {
        try (Stream<Path> all = Files.list(checkpoints)) {
            return all.max(Path::compareTo).orElseThrow();
        }
    }

    private static TrainReport train(String run, long steps, Optional<Path> checkpoints, TrainProgress progress) {
        return trainer(run, steps, checkpoints, progress).train();
    }

    private static Trainer trainer(String run, long steps, Optional<Path> checkpoints, TrainProgress progress) {
        return new Trainer(
                test.client(), settings(run, TrainSettings.Schedule.of(steps, 1e-3, 10), checkpoints), progress);
    }

    private static TrainSettings settings(String run, TrainSettings.Schedule schedule, Optional<Path> checkpoints) {
        return new TrainSettings(
                run,
                TrainSettings.Model.named("tiny"),
                schedule,
                AdamW.DEFAULT,
                TransformerOptions.CPU.withThreads(1),
                512,
                2,
                new TrainSettings.Checkpointing(checkpoints, 4, 3),
                new TrainSettings.HoldOut(5, 20),
                true);
    }
}
