package dev.dyadic.deploy.commands.print;

import dev.dyadic.trainer.TrainProgress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/// A progress bar where standard error is a terminal, a plain line now and then elsewhere.
public final class StepLines implements TrainProgress, AutoCloseable {
    private static final long LINE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Output output;
    private final boolean terminal = ProgressBars.isWatched();
    private @Nullable ProgressBar bar;
    private long nextLine = System.nanoTime();
    private long firstStep = -1;

    public StepLines(Output output) {
        this.output = output;
    }

    @Override
    public void starting(Start start) {
        if (start.neededBytes() > 0) {
            output.note(
                    "%,d parameters; training needs about %s of memory, of %s.",
                    start.parameters(), Texts.bytes(start.neededBytes()), Texts.bytes(start.availableBytes()));
        }
    }

    @Override
    public void trained(Step step) {
        if (firstStep < 0) {
            firstStep = step.number();
        }
        String text =
                "length %,d  loss %.3f  %,.0f tokens/s".formatted(step.length(), step.loss(), step.tokensPerSecond());
        if (terminal) {
            if (bar == null) {
                bar = ProgressBars.of("train")
                        .setInitialMax(step.endStep())
                        .startsFrom(step.number(), Duration.ZERO)
                        .build();
            }
            bar.stepTo(step.number() + 1);
            bar.setExtraMessage(text);
        } else if (System.nanoTime() - nextLine >= 0 || step.number() + 1 == step.endStep()) {
            output.note("step %,d of %,d  %s  %s left", step.number() + 1, step.endStep(), text, left(step));
            nextLine = System.nanoTime() + LINE_EVERY_NANOS;
        }
    }

    @Override
    public void evaluated(HoldOut holdOut) {
        String losses = holdOut.lossByLength().entrySet().stream()
                .map(entry -> "%,d: %.3f".formatted(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining("  "));
        if (!terminal) {
            output.note("step %,d  hold-out %.3f  (%s)", holdOut.step() + 1, holdOut.mean(), losses);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    /// What is left, at the pace so far.
    private String left(Step step) {
        double perStep = step.seconds() / (step.number() + 1 - firstStep);
        long seconds = Math.round(perStep * (step.endStep() - step.number() - 1));
        return seconds < 3600
                ? "%d:%02d".formatted(seconds / 60, seconds % 60)
                : "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
}
