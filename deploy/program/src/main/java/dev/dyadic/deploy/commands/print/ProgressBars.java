package dev.dyadic.deploy.commands.print;

import dev.dyadic.deploy.history.KafkaHistory;
import java.io.Console;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// Progress bars on standard error, all alike; a line every ten seconds where nobody watches.
public final class ProgressBars {
    private static final int UPDATE_MILLIS = 500;
    private static final int LINE_WIDTH = 110;

    private ProgressBars() {}

    static boolean isWatched() {
        return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }

    public static ProgressBarBuilder of(String task) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .showSpeed()
                .setConsumer(
                        isWatched()
                                ? new ConsoleProgressBarConsumer(System.err)
                                : new DelegatingProgressBarConsumer(
                                        new SparseLines(System::nanoTime, Output::progress), LINE_WIDTH));
    }

    public static KafkaHistory.Progress reading(ProgressBar bar) {
        return (done, total) -> {
            bar.maxHint(total);
            bar.stepTo(done);
        };
    }
}
