package dev.dyadic.deploy.commands.process;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/// Waits for the end of a program that runs until Ctrl-C, or until a part of it fails.
public final class Completion {
    private Completion() {}

    /// Why a program cannot go on; empty while it can.
    public static Supplier<Optional<String>> failure(CompletableFuture<?> ended) {
        return () -> ended.state() == Future.State.FAILED
                ? Optional.of(String.valueOf(ended.exceptionNow().getMessage()))
                : Optional.empty();
    }

    /// @param ended completes exceptionally where the program cannot go on; its failure is thrown
    public static void await(CompletableFuture<?> ended, Interruption interruption) throws InterruptedException {
        CompletableFuture<?> asked = ended.whenComplete((_, _) -> interruption.ask());
        interruption.await();
        if (asked.state() == Future.State.FAILED) {
            throw asked.exceptionNow() instanceof RuntimeException failure
                    ? failure
                    : new CompletionException(asked.exceptionNow());
        }
    }
}
