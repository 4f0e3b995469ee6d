package dev.dyadic.deploy.commands.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CompletionTest {
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    @Test
    void saysWhyAProgramCannotGoOn() {
        assertThat(Completion.failure(ended).get()).isEmpty();

        ended.completeExceptionally(new IllegalStateException("the disk is gone"));

        assertThat(Completion.failure(ended).get()).contains("the disk is gone");
    }

    @Test
    void theFailureOfAPartIsThrown() {
        Interruption interruption = Interruption.install(() -> {});
        ended.completeExceptionally(new IllegalStateException("the disk is gone"));

        assertThatThrownBy(() -> Completion.await(ended, interruption)).hasMessage("the disk is gone");
        assertThat(interruption.isAsked()).isTrue();
    }
}
