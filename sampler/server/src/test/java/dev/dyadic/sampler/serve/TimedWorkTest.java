package dev.dyadic.sampler.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import io.grpc.Context;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimedWorkTest {
    private static final long SECONDS = 20;

    private final CountDownLatch interrupted = new CountDownLatch(1);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void givesWhatTheWorkGives(boolean onPlatformThread) throws InterruptedException {
        assertThat(TimedWork.within(inSeconds(), onPlatformThread, () -> 5)).isEqualTo(5);
        assertThatThrownBy(() -> TimedWork.within(inSeconds(), onPlatformThread, () -> {
                    throw new InvalidException("wrong");
                }))
                .isInstanceOf(InvalidException.class)
                .hasMessage("wrong");
    }

    @Test
    void workThatTakesTooLongIsInterruptedAndItsCallerTold() throws InterruptedException {
        assertThatThrownBy(() -> TimedWork.within(System.nanoTime(), false, this::waitForEver))
                .isInstanceOf(DyadicException.class)
                .hasMessageStartingWith("the call's time is over");
        assertThat(interrupted.await(SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void workWhoseCallerGoesIsInterrupted() throws Exception {
        Context.CancellableContext context = Context.current().withCancellation();
        CountDownLatch begun = new CountDownLatch(1);
        Thread caller = Thread.ofVirtual()
                .start(() -> context.run(() -> {
                    try {
                        TimedWork.within(inSeconds(), true, () -> {
                            begun.countDown();
                            return waitForEver();
                        });
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }));
        assertThat(begun.await(SECONDS, TimeUnit.SECONDS)).isTrue();

        context.cancel(null);

        assertThat(interrupted.await(SECONDS, TimeUnit.SECONDS)).isTrue();
        caller.join();
    }

    private int waitForEver() throws InterruptedException {
        try {
            new CountDownLatch(1).await();
            return 0;
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
        }
    }

    private static long inSeconds() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    }
}
