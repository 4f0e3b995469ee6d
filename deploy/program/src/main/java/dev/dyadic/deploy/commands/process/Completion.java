package dev.dyadic.deploy.commands.process;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.Uptime;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Waits for the end of a program that runs until Ctrl-C, or until a part of it fails.
public final class Completion {
    private static final long MOMENT_MILLIS = 100;

    private Completion() {}

    /// Why a program cannot go on; empty while it can.
    public static Supplier<Optional<String>> failure(CompletableFuture<?> ended) {
        return () -> ended.state() == Future.State.FAILED
                ? Optional.of(String.valueOf(ended.exceptionNow().getMessage()))
                : Optional.empty();
    }

    /// Ends also where the clock is set back.
    ///
    /// @param ended completes exceptionally where the program cannot go on; its failure is thrown
    public static void await(CompletableFuture<?> ended, Interruption interruption) throws InterruptedException {
        CompletableFuture<?> asked =
                CompletableFuture.anyOf(ended, clockSetBack(interruption)).whenComplete((_, _) -> interruption.ask());
        interruption.await();
        if (asked.state() == Future.State.FAILED) {
            throw asked.exceptionNow() instanceof RuntimeException failure
                    ? failure
                    : new CompletionException(asked.exceptionNow());
        }
    }

    /// Completes exceptionally where the clock on the wall is set back, see [ClockWatch].
    private static CompletableFuture<Void> clockSetBack(Interruption interruption) {
        CompletableFuture<Void> setBack = new CompletableFuture<>();
        Thread.ofVirtual().name("dyadic-clock-watch").start(() -> {
            try {
                while (!interruption.isAsked()) {
                    long wall = System.currentTimeMillis();
                    long uptime = Uptime.millis();
                    // Where the process was halted between the two, they say nothing.
                    boolean isOneMoment = Math.abs(System.currentTimeMillis() - wall) < MOMENT_MILLIS;
                    (isOneMoment ? interruption.clock().look(wall, uptime) : Optional.<String>empty())
                            .ifPresent(what -> setBack.completeExceptionally(
                                    new DyadicException(DyadicException.Kind.OUTSIDE, what)));
                    TimeUnit.SECONDS.sleep(1);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return setBack;
    }
}
