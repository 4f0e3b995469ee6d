package dev.dyadic.deploy.cli;

import dev.dyadic.trainer.TrainProgress;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/// A progress bar where standard error is a terminal, a plain line now and then elsewhere.
final class StepLines implements TrainProgress, AutoCloseable {
    private static final long LINE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Output output;
    private final boolean terminal = Bars.isWatched();
    private @Nullable ProgressBar bar;
    private long nextLine = System.nanoTime();

    StepLines(Output output) {
        this.output = output;
    }

    @Override
    public void trained(Step step) {
        String text =
                "length %,d  loss %.3f  %,.0f tokens/s".formatted(step.length(), step.loss(), step.tokensPerSecond());
        if (terminal) {
            if (bar == null) {
                bar = Bars.of("train")
                        .setInitialMax(step.endStep())
                        .startsFrom(step.number(), java.time.Duration.ZERO)
                        .build();
            }
            bar.stepTo(step.number() + 1);
            bar.setExtraMessage(text);
        } else if (System.nanoTime() - nextLine >= 0 || step.number() + 1 == step.endStep()) {
            output.note("step %,d of %,d  %s", step.number() + 1, step.endStep(), text);
            nextLine = System.nanoTime() + LINE_EVERY_NANOS;
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
